package s3r.hadoop;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.io.IOUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies from store to store: several at once, each whole and checked, all or none. */
final class Copies {
  private static final String THREADS = "fs.s3r.rename.threads";
  private static final int DEFAULT_THREADS = 8;
  private static final int BUFFER = 1 << 20;
  private static final int LOG_EVERY = 100;
  private static final Logger LOG = LoggerFactory.getLogger(Copies.class);

  private final Configuration conf;

  Copies(Configuration conf) {
    this.conf = conf;
  }

  /** How many copies are made at once. */
  static int threads(Configuration conf) {
    return Settings.count(conf, THREADS, DEFAULT_THREADS);
  }

  /**
   * Makes copies, and checks them.
   *
   * @param what the rename, for people
   * @throws IOException one could not be made; all are withdrawn
   */
  void make(String what, List<Move> moves) throws IOException {
    if (moves.isEmpty()) {
      return;
    }
    int threads = Math.min(moves.size(), threads(conf));
    ExecutorService pool = Executors.newFixedThreadPool(threads, Copies::daemon);
    List<Move> made = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger count = new AtomicInteger();
    AtomicBoolean stopped = new AtomicBoolean();
    try {
      List<Future<Void>> running = new ArrayList<>();
      for (Move move : moves) {
        Callable<Void> copy =
            () -> {
              if (stopped.get()) {
                return null; // another could not be copied
              }
              copy(move, made);
              int done = count.incrementAndGet();
              if (done % LOG_EVERY == 0) {
                LOG.info("rename {}: {} of {} files copied", what, done, moves.size());
              }
              return null;
            };
        running.add(pool.submit(copy));
      }
      IOException failure = null;
      for (Future<Void> one : running) {
        try {
          one.get();
        } catch (ExecutionException error) {
          stopped.set(true);
          failure = failure == null ? asIo(error.getCause()) : failure;
        }
      }
      if (failure != null) {
        int left = withdraw(made);
        throw Errors.because(
            failure,
            "rename "
                + what
                + " failed, and all is at the old name still ("
                + left
                + " copies are left at the new one): "
                + failure.getMessage());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(
          "rename "
              + what
              + " was interrupted: all is at the old name still, with copies of "
              + made.size()
              + " files at the new one");
    } finally {
      pool.shutdownNow();
    }
  }

  private static IOException asIo(Throwable error) {
    return error instanceof IOException io ? io : new IOException(error);
  }

  /** Deletes copies that are not wanted any more; how many could not be deleted. */
  private static int withdraw(List<Move> made) {
    int left = 0;
    for (Move move : made) {
      try {
        move.to().run((fs, path) -> fs.delete(path, false));
      } catch (IOException error) {
        LOG.warn("{} is a copy that could not be deleted", move.to().logical(), error);
        left++;
      }
    }
    return left;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "s3r-rename");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Copies a file, or makes a folder.
   *
   * @param made what is there by now, whether or not it is as it should be
   */
  private static void copy(Move move, List<Move> made) throws IOException {
    if (move.folder()) {
      move.to().run((fs, path) -> fs.mkdirs(path));
      made.add(move);
      return;
    }
    try (FSDataInputStream in = NamedInput.open(move.from(), (fs, path) -> fs.open(path, BUFFER))) {
      FSDataOutputStream out = create(move);
      try {
        IOUtils.copyBytes(in, out, BUFFER, false);
      } catch (IOException | RuntimeException error) {
        out.abort(); // closing it would make what was written so far a file
        throw error;
      }
      out.close();
    }
    made.add(move);
    long length = move.to().run((fs, path) -> fs.getFileStatus(path).getLen());
    if (length != move.length()) {
      throw new PathIOException(
          move.to().logical().toString(),
          "the copy has "
              + length
              + " bytes, and "
              + move.from().logical()
              + " has "
              + move.length());
    }
  }

  /** The new file, with the old one's metadata. */
  private static FSDataOutputStream create(Move move) throws IOException {
    Map<String, byte[]> said = move.from().run((fs, path) -> fs.getXAttrs(path));
    return NamedOutput.open(
        move.to(),
        (fs, path) -> {
          FSDataOutputStreamBuilder<?, ?> file = fs.createFile(path).overwrite(false).recursive();
          Headers.copy(said, file);
          return file.build();
        });
  }
}
