package s3r.hadoop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;
import org.apache.hadoop.fs.s3a.AWSBadRequestException;
import org.apache.hadoop.fs.s3a.AWSRedirectException;
import org.apache.hadoop.fs.s3a.RangeNotSatisfiableEOFException;
import org.apache.hadoop.fs.s3a.RemoteFileChangedException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Errors keep their types, by which callers decide what to do. */
final class ErrorsTest {
  private static final Path PATH = new Path("s3a://lake/a");
  private static final Where EAST =
      new Where("east", "https://e", "(really s3a://real/b on https://e, client 'east')");

  /** Another that can't be made anew. */
  private static final class Closed extends EOFException {
    private static final long serialVersionUID = 1;
  }

  /** Whether an error can be told anything. */
  private static boolean told(IOException error) {
    return !(error instanceof PathIsNotEmptyDirectoryException);
  }

  static Stream<List<Object>> errors() {
    AwsServiceException said = S3Exception.builder().message("no").statusCode(400).build();
    return Stream.of(
        List.of(new IOException("no"), IOException.class),
        List.of(new EOFException("no"), EOFException.class),
        List.of(new Closed(), EOFException.class),
        List.of(new ClosedByInterruptException(), ClosedByInterruptException.class),
        List.of(new AccessDeniedException("no"), AccessDeniedException.class),
        List.of(new SocketTimeoutException("no"), SocketTimeoutException.class),
        List.of(new InterruptedIOException("no"), InterruptedIOException.class),
        List.of(new AWSBadRequestException("get", said), AWSBadRequestException.class),
        List.of(new AWSRedirectException("get", said), AWSRedirectException.class),
        List.of(new RangeNotSatisfiableEOFException("get", said), EOFException.class),
        List.of(
            new RemoteFileChangedException("s3r-east://b/a", "read", "no"),
            RemoteFileChangedException.class),
        List.of(
            new PathIsNotEmptyDirectoryException("s3r-east://b/a"),
            PathIsNotEmptyDirectoryException.class),
        List.of(new PathIOException("s3r-east://b/a", "no"), PathIOException.class));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void typesStay(List<Object> given) {
    IOException error = (IOException) given.get(0);
    IOException named = Errors.named(error, PATH, EAST);
    assertInstanceOf((Class<?>) given.get(1), named);
    assertTrue(named.getMessage().contains(PATH.toString()), named.getMessage());
    assertSame(named, told(error) ? Errors.named(named, PATH, EAST) : named); // once is enough
    boolean kept = Arrays.asList(named.getSuppressed()).contains(error);
    assertTrue(kept || named.getCause() == error);
    IOException more = Errors.because(named, "rename stopped: " + named.getMessage());
    assertSame(named.getClass(), more.getClass());
  }

  @ParameterizedTest
  @MethodSource("errors")
  void whatIsToldStays(List<Object> given) {
    IOException error = (IOException) given.get(0);
    if (told(error)) {
      IOException more = Errors.because(error, "rename stopped");
      assertEquals(true, more.getMessage().contains("rename stopped"), more.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://e | Unsupported or unrecognized SSL message | says https, and the port speaks http",
        "http://e | Client sent an HTTP request to an HTTPS server. | the port speaks https",
        "http://e | (Service: S3, Status Code: 400, Request ID: null) | does the port speak https?",
        "https://e | (Service: S3, Status Code: 400, Request ID: null) | ''",
        "https://e | PKIX path building failed | this JVM doesn't trust",
        "https://e | x (Service: S3, Status Code: 403):SignatureDoesNotMatch | secret_key of client",
        "https://e | the region 'a' is wrong; expecting 'eu-west-1' | in region 'eu-west-1'",
        "https://e | moved (Service: S3, Status Code: 301) | the bucket is in another region",
        "https://e | NoSuchKey | ''",
      })
  void hintsGoByTheCausesToo(String endpoint, String said, String hint) {
    String told = Hints.of(new IOException("open", new IOException(said)), "east", endpoint);
    assertTrue(told.contains(hint), told);
    assertEquals(hint.isEmpty(), told.isEmpty(), told);
  }
}
