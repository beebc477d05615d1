package s3r.hadoop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
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
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Errors keep their types, by which callers decide what to do. */
final class ErrorsTest {
  private static final Path PATH = new Path("s3a://lake/a");

  /** Another that can't be made anew. */
  private static final class Closed extends EOFException {
    private static final long serialVersionUID = 1;
  }

  static Stream<List<Object>> errors() {
    AwsServiceException said = S3Exception.builder().message("no").statusCode(400).build();
    return Stream.of(
        List.of(new IOException("no"), IOException.class),
        List.of(new EOFException("no"), EOFException.class),
        List.of(new Closed(), EOFException.class),
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
    IOException named = Errors.named(error, PATH, "east");
    assertInstanceOf((Class<?>) given.get(1), named);
    assertTrue(named.getMessage().contains(PATH.toString()), named.getMessage());
    boolean kept = Arrays.asList(named.getSuppressed()).contains(error);
    assertTrue(kept || named.getCause() == error);
    IOException more = Errors.because(named, "rename stopped: " + named.getMessage());
    assertSame(named.getClass(), more.getClass());
  }

  @ParameterizedTest
  @MethodSource("errors")
  void whatIsToldStays(List<Object> given) {
    IOException error = (IOException) given.get(0);
    if (!(error instanceof PathIsNotEmptyDirectoryException)) { // which takes no message
      IOException more = Errors.because(error, "rename stopped");
      assertEquals(true, more.getMessage().contains("rename stopped"), more.getMessage());
    }
  }
}
