package s3r.hadoop;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;
import org.apache.hadoop.fs.PathIOException;

/** What copies may hold of files at a time: a quarter of the heap. */
final class Memory {
  private static final int MEBIBYTE = 1 << 20;

  private final int all = (int) Math.max(16, Runtime.getRuntime().maxMemory() / 4 / MEBIBYTE);
  private final Semaphore free = new Semaphore(all, true);

  /**
   * Waits until there are so many bytes.
   *
   * @throws PathIOException there will never be
   */
  void take(long bytes, Place place) throws IOException {
    if (mebibytes(bytes) > all) {
      throw new PathIOException(
          place.logical().toString(),
          "a copy to another store would hold "
              + bytes
              + " bytes of it in memory at a time, which is more than a quarter of the heap");
    }
    try {
      free.acquire(mebibytes(bytes));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(place.logical() + ": interrupted before it was copied");
    }
  }

  void give(long bytes) {
    free.release(mebibytes(bytes));
  }

  private static int mebibytes(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE, bytes / MEBIBYTE + 1);
  }
}
