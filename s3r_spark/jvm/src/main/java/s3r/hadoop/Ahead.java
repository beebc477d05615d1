package s3r.hadoop;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.IOStatisticsContext;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;
import org.apache.hadoop.fs.statistics.IOStatisticsSupport;
import org.apache.hadoop.util.functional.FunctionRaisingIOE;
import org.apache.hadoop.util.functional.RemoteIterators;

/**
 * Answers of stores to questions, in the questions' order.
 *
 * <p>The first is asked when its answer is wanted, and no other. The more are wanted, the more are
 * asked at once, up to some few: so at most about as many as were wanted are asked for nothing.
 */
final class Ahead<Q, A> implements RemoteIterator<A>, Closeable, IOStatisticsSource {
  private static final int MOST = 8;
  private static final ExecutorService THREADS = Executors.newCachedThreadPool(Ahead::daemon);

  private final RemoteIterator<? extends Q> questions;
  private final Predicate<? super Q> isCheap;
  private final FunctionRaisingIOE<? super Q, ? extends A> ask;
  private final Queue<Asked<A>> asked = new ArrayDeque<>();
  private int width = 1;

  /** A question whose answer is on its way, or is there already. */
  private record Asked<A>(FutureTask<A> task, boolean isCheap) {}

  /**
   * Asks nothing yet.
   *
   * @param isCheap whether a question is answered without asking a store
   * @param ask may be called by several threads at once
   */
  Ahead(
      RemoteIterator<? extends Q> questions,
      Predicate<? super Q> isCheap,
      FunctionRaisingIOE<? super Q, ? extends A> ask) {
    this.questions = questions;
    this.isCheap = isCheap;
    this.ask = ask;
  }

  @Override
  public boolean hasNext() throws IOException {
    return !asked.isEmpty() || questions.hasNext();
  }

  @Override
  public A next() throws IOException {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    while (asked.size() < width && questions.hasNext()) {
      asked.add(asked(questions.next()));
    }
    Asked<A> first = asked.remove();
    if (!first.isCheap) {
      width = Math.min(MOST, 2 * width);
    }
    first.task.run(); // nothing where a thread does it already
    return answer(first.task);
  }

  private Asked<A> asked(Q question) {
    if (isCheap.test(question)) {
      FutureTask<A> task = new FutureTask<>(() -> ask.apply(question));
      task.run();
      return new Asked<>(task, true);
    }
    IOStatisticsContext context = IOStatisticsContext.getCurrentIOStatisticsContext();
    FutureTask<A> task =
        new FutureTask<>(
            () -> {
              IOStatisticsContext.setThreadIOStatisticsContext(context);
              return ask.apply(question);
            });
    if (!asked.isEmpty()) { // the first is the caller's own
      THREADS.execute(task);
    }
    return new Asked<>(task, false);
  }

  private A answer(FutureTask<A> task) throws IOException {
    try {
      return task.get();
    } catch (InterruptedException stopped) {
      close();
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(stopped);
    } catch (CancellationException closed) {
      throw new IOException("the listing is closed", closed);
    } catch (ExecutionException failed) {
      close();
      Throwable cause = failed.getCause();
      if (cause instanceof IOException error) {
        throw error;
      }
      if (cause instanceof RuntimeException error) {
        throw error;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IOException(cause);
    }
  }

  /** Whether any answer is as it should be; what is not needed to tell is not asked. */
  static <Q> boolean any(
      Iterable<? extends Q> questions, FunctionRaisingIOE<? super Q, Boolean> ask)
      throws IOException {
    try (Ahead<Q, Boolean> answers =
        new Ahead<>(
            RemoteIterators.remoteIteratorFromIterable(questions), question -> false, ask)) {
      while (answers.hasNext()) {
        if (answers.next()) {
          return true;
        }
      }
      return false;
    }
  }

  /** Gives up what has been asked and is not wanted. */
  @Override
  public void close() {
    asked.forEach(each -> each.task.cancel(true));
    asked.clear();
  }

  @Override
  public IOStatistics getIOStatistics() {
    return IOStatisticsSupport.retrieveIOStatistics(questions);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "s3r-ask");
    thread.setDaemon(true);
    return thread;
  }
}
