package s3r.hadoop;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RemoteIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The copies of one rename: several at once, as they are listed; what is held of each is small. */
final class Copies {
  private static final String THREADS = "fs.s3r.rename.threads";
  private static final int DEFAULT_THREADS = 8;
  private static final int LOG_EVERY = 100;
  private static final Logger LOG = LoggerFactory.getLogger(Copies.class);

  private final String what;
  private final int threads;
  private final boolean resumes;
  private final Memory memory = new Memory();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicInteger left = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger files = new AtomicInteger();

  /** The files that may be deleted, each as it was copied. */
  private final Versions copied = new Versions();

  /** The copies that are this rename's own. */
  private final Versions made = new Versions();

  /**
   * Copies that are to be made.
   *
   * @param what the rename, for people
   * @param resumes whether an earlier rename may have made some of them
   */
  Copies(String what, boolean resumes, Configuration conf) {
    this.what = what;
    this.resumes = resumes;
    this.threads = threads(conf);
  }

  /** How many copies are made at once. */
  static int threads(Configuration conf) {
    return Settings.count(conf, THREADS, DEFAULT_THREADS);
  }

  Versions copied() {
    return copied;
  }

  Versions made() {
    return made;
  }

  /** How many files have been copied, for people. */
  String told() {
    return files + " files, " + bytes + " bytes of them from store to store";
  }

  /** How many copies that are not to be used could not be deleted. */
  int left() {
    return left.get();
  }

  /**
   * Makes copies, each proven.
   *
   * @throws IOException one could not be made; no other is being made any more
   */
  void make(RemoteIterator<Move> moves) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(threads, Copies::daemon);
    Semaphore waiting = new Semaphore(2 * threads);
    try {
      while (!stopped.get() && moves.hasNext()) {
        Move move = moves.next();
        waiting.acquire();
        pool.execute(
            () -> {
              try {
                copy(move);
              } finally {
                waiting.release();
              }
            });
      }
      pool.shutdown();
      pool.awaitTermination(Long.MAX_VALUE, TimeUnit.DAYS);
    } catch (InterruptedException interrupted) {
      stopped.set(true);
      failure.compareAndSet(null, new InterruptedIOException("interrupted"));
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException | Error error) {
      stopped.set(true);
      failure.compareAndSet(null, error);
    } finally {
      end(pool);
    }
    if (failure.get() instanceof IOException error) {
      throw error;
    }
    if (failure.get() != null) {
      throw new IOException(failure.get());
    }
  }

  /** Stops what is still being copied, and waits until nothing is. */
  private static void end(ExecutorService pool) {
    pool.shutdownNow();
    boolean interrupted = Thread.interrupted();
    try {
      while (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
        LOG.warn("copies are still being stopped");
      }
    } catch (InterruptedException again) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void copy(Move move) {
    if (stopped.get()) {
      return; // another could not be made
    }
    try {
      if (move.folder()) {
        move.to().run((fs, path) -> fs.mkdirs(path));
        return;
      }
      Copy.Pair pair = move.crosses() ? across(move) : within(move);
      copied.add(move.from().logical().toString(), pair.file());
      if (pair.isNew()) {
        made.add(move.to().logical().toString(), pair.copy());
      }
      int done = files.incrementAndGet();
      if (done % LOG_EVERY == 0) {
        LOG.info("rename {}: {} files copied", what, done);
      }
    } catch (IOException | RuntimeException | Error error) {
      stopped.set(true);
      failure.compareAndSet(null, error);
      if (error instanceof Error fatal) {
        throw fatal;
      }
    }
  }

  private Copy.Pair across(Move move) throws IOException {
    Copy.Pair pair = new Copy(move, memory, left).make(resumes);
    bytes.addAndGet(move.length());
    return pair;
  }

  private Copy.Pair within(Move move) throws IOException {
    StoredObject target = new StoredObject(move.to());
    if (resumes && target.headOrNull() != null) {
      return new Copy(move, memory, left).make(resumes);
    }
    try {
      return new StoredObject(move.from()).copyTo(target);
    } catch (IOException | RuntimeException | Error error) {
      countLeft(target);
      throw error;
    }
  }

  /** Counts a copy that its store may have made without saying so; whose it is, nothing tells. */
  private void countLeft(StoredObject target) {
    boolean isThere = true;
    try {
      isThere = Uninterrupted.call(target::headOrNull) != null;
    } catch (IOException | RuntimeException error) {
      LOG.warn("it is not known whether there is a copy", error);
    }
    left.addAndGet(isThere ? 1 : 0);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "s3r-rename");
    thread.setDaemon(true);
    return thread;
  }
}
