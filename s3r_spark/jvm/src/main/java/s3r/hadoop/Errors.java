package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;

/** A store's exceptions under the logical name that was asked, of the type that they were. */
final class Errors {
  private Errors() {}

  /**
   * The exception to throw for one that a store threw.
   *
   * @param error the store's; it becomes the cause
   * @param path the logical path
   * @param client the client of the store
   */
  static IOException named(IOException error, Path path, String client) {
    IOException named = sameType(error, path, client);
    if (named.getCause() == null && named != error) {
      named.initCause(error);
    }
    return named;
  }

  private static IOException sameType(IOException error, Path path, String client) {
    String message = path + ", " + of(client, error);
    if (error instanceof InterruptedIOException) {
      return error; // whoever waits for it looks at its fields
    }
    if (error instanceof FileNotFoundException) {
      return new FileNotFoundException(message); // S3A's own kinds of it can't be made anew
    }
    if (error instanceof AccessDeniedException) {
      return new AccessDeniedException(message);
    }
    if (error instanceof PathIOException) {
      return sameKind(error, path.toString(), of(client, error));
    }
    try {
      return error.getClass().getConstructor(String.class).newInstance(message);
    } catch (ReflectiveOperationException impossible) {
      return new PathIOException(path.toString(), of(client, error), error);
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
        return new PathIOException(path, message, error);
      }
    }
  }

  private static String of(String client, IOException error) {
    return "client '" + client + "': " + error.getMessage();
  }
}
