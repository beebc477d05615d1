package s3r.hadoop;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.s3a.AWSServiceIOException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** A store's exceptions under the logical name that was asked, of the type that they were. */
final class Errors {
  private Errors() {}

  /**
   * The exception to throw for one that a store threw.
   *
   * @param error the store's; it becomes the cause, or a suppressed one
   * @param path the logical path
   * @param where where it happened
   */
  static IOException named(IOException error, Path path, Where where) {
    return explained(error, path, String.valueOf(error.getMessage()), where);
  }

  /**
   * The exception to throw for one that a store threw.
   *
   * @param error the store's; it becomes the cause, or a suppressed one
   * @param place where it happened
   */
  static IOException named(IOException error, Place place) {
    String said = String.valueOf(error.getMessage());
    String logical =
        said.replace(below(place.path()), below(place.logical()))
            .replace(place.path().toString(), place.logical().toString());
    return explained(error, place.logical(), logical, Where.of(place));
  }

  /** How paths below one begin; a root's own text ends in its slash. */
  private static String below(Path path) {
    return path.isRoot() ? path.toString() : path + "/";
  }

  /** An exception of the same type that says more. */
  static IOException because(IOException error, String message) {
    String path = error instanceof PathIOException of ? String.valueOf(of.getPath()) : "";
    return caused(sameType(error, path, message, message), error);
  }

  private static IOException explained(IOException error, Path path, String said, Where where) {
    if (said.contains(where.text())) {
      return error; // it was named where it happened
    }
    String words = ClientScheme.withoutDigests(said).replace("`" + path + "': ", "");
    String more = words + " " + where.text() + Hints.of(error, where.client(), where.endpoint());
    String message = words.contains(path.toString()) ? more : path + ": " + more;
    return caused(sameType(error, path.toString(), more, message), error);
  }

  private static IOException caused(IOException named, IOException error) {
    if (named instanceof PathIOException || named.getCause() != null) {
      named.addSuppressed(error); // the message would end in its cause's, and so in physical paths
    } else {
      named.initCause(error);
    }
    return named;
  }

  /**
   * An exception of the type of another's, or of the nearest of its ancestors that can be made.
   *
   * @param said what to say where the type has the path by itself
   * @param message what to say else
   */
  private static IOException sameType(IOException error, String path, String said, String message) {
    if (error instanceof InterruptedIOException interrupted) {
      InterruptedIOException named =
          error instanceof SocketTimeoutException
              ? new SocketTimeoutException(message)
              : new InterruptedIOException(message);
      named.bytesTransferred = interrupted.bytesTransferred;
      return named;
    }
    if (error instanceof ClosedByInterruptException) {
      return new StoppedException(message);
    }
    if (error instanceof AccessDeniedException) {
      return new AccessDeniedException(message);
    }
    boolean ofPath = error instanceof PathIOException;
    Class<?> type = error.getClass();
    while (type != PathIOException.class && type != IOException.class) {
      IOException named =
          ofPath ? ofPath(type, path, said) : made(type, new Class<?>[] {String.class}, message);
      if (named == null && error instanceof AWSServiceIOException of) {
        Class<?>[] taken = {String.class, AwsServiceException.class};
        named = made(type, taken, message, of.getCause());
      }
      if (named != null) {
        return named;
      }
      type = type.getSuperclass();
    }
    return ofPath ? new PathIOException(path, said) : new IOException(message);
  }

  /** Hadoop and Spark go by the type where a query is stopped, which takes no message. */
  private static final class StoppedException extends ClosedByInterruptException {
    private static final long serialVersionUID = 1;
    private final String message;

    StoppedException(String message) {
      this.message = message;
    }

    @Override
    public String getMessage() {
      return message;
    }
  }

  /** Hadoop's own exceptions about paths take the path, and most of them a message. */
  private static IOException ofPath(Class<?> type, String path, String said) {
    Class<String> text = String.class;
    IOException named = made(type, new Class<?>[] {text, text}, path, said);
    if (named == null) {
      named = made(type, new Class<?>[] {text, text, text}, path, "", said); // with an operation
    }
    return named == null ? made(type, new Class<?>[] {text}, path) : named;
  }

  private static IOException made(Class<?> type, Class<?>[] taken, Object... given) {
    try {
      return (IOException) type.getConstructor(taken).newInstance(given);
    } catch (ReflectiveOperationException impossible) {
      return null;
    }
  }
}
