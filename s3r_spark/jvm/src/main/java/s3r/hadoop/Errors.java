package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;

/** A store's exceptions under the logical name that was asked, of the type that they were. */
final class Errors {
  private Errors() {}

  /**
   * The exception to throw for one that a store threw.
   *
   * @param error the store's; it becomes the cause, or a suppressed one
   * @param path the logical path
   * @param client the client of the store
   */
  static IOException named(IOException error, Path path, String client) {
    return explained(error, path, of(client, error.getMessage()));
  }

  /**
   * The exception to throw for one that a store threw.
   *
   * @param error the store's; it becomes the cause, or a suppressed one
   * @param place where it happened
   */
  static IOException named(IOException error, Place place) {
    String said = String.valueOf(error.getMessage());
    String logical = said.replace(place.path().toString(), place.logical().toString());
    return explained(error, place.logical(), of(place.rule().client, logical));
  }

  private static IOException explained(IOException error, Path path, String said) {
    IOException named = sameType(error, path, said);
    if (named instanceof PathIOException) {
      named.addSuppressed(error); // the message would end in its cause's, and so in physical paths
    } else {
      named.initCause(error);
    }
    return named;
  }

  private static IOException sameType(IOException error, Path path, String said) {
    String message = path + ", " + said;
    if (error instanceof InterruptedIOException interrupted) {
      InterruptedIOException named =
          error instanceof SocketTimeoutException
              ? new SocketTimeoutException(message)
              : new InterruptedIOException(message);
      named.bytesTransferred = interrupted.bytesTransferred;
      return named;
    }
    if (error instanceof FileNotFoundException) {
      return new FileNotFoundException(message); // S3A's own kinds of it can't be made anew
    }
    if (error instanceof AccessDeniedException) {
      return new AccessDeniedException(message);
    }
    if (error instanceof PathIOException) {
      return sameKind(error, path.toString(), said);
    }
    try {
      return error.getClass().getConstructor(String.class).newInstance(message);
    } catch (ReflectiveOperationException impossible) {
      return new PathIOException(path.toString(), said);
    }
  }

  /** Hadoop's own exceptions about paths take the path, and most of them a message. */
  private static IOException sameKind(IOException error, String path, String message) {
    Class<? extends IOException> type = error.getClass();
    try {
      return type.getConstructor(String.class, String.class).newInstance(path, message);
    } catch (ReflectiveOperationException noMessage) {
      try {
        return type.getConstructor(String.class).newInstance(path);
      } catch (ReflectiveOperationException impossible) {
        return new PathIOException(path, message);
      }
    }
  }

  private static String of(String client, String said) {
    return "client '" + client + "': " + ClientScheme.withoutDigests(String.valueOf(said));
  }
}
