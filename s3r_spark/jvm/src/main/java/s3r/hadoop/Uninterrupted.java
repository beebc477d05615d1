package s3r.hadoop;

import java.io.IOException;
import org.apache.hadoop.util.functional.CallableRaisingIOE;

/**
 * What is to be done even by a thread that was interrupted: the SDK's clients send nothing for such
 * a one. It is interrupted again when it is done.
 */
final class Uninterrupted {
  private Uninterrupted() {}

  static <T> T call(CallableRaisingIOE<T> call) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      return call.apply();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
