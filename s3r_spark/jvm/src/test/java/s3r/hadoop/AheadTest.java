package s3r.hadoop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.util.functional.FunctionRaisingIOE;
import org.apache.hadoop.util.functional.RemoteIterators;
import org.junit.jupiter.api.Test;

/** What is asked of stores ahead: in order, some at once, and no more than is wanted, or nearly. */
final class AheadTest {
  private static final int MOST = 8;

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private static Ahead<Integer, Integer> asked(
      int count, FunctionRaisingIOE<Integer, Integer> answer) {
    RemoteIterator<Integer> questions = RemoteIterators.remoteIteratorFromIterable(numbers(count));
    return new Ahead<>(questions, question -> false, answer);
  }

  @Test
  void answersComeInOrder() throws IOException {
    Ahead<Integer, Integer> answers =
        asked(
            100,
            number -> {
              Thread.yield();
              return number;
            });
    assertEquals(numbers(100), RemoteIterators.toList(answers));
  }

  @Test
  void theFirstIsAskedAloneAndByTheCaller() throws IOException {
    List<Thread> threads = new ArrayList<>();
    Ahead<Integer, Integer> answers =
        asked(
            100,
            number -> {
              threads.add(Thread.currentThread());
              return number;
            });
    assertTrue(answers.hasNext());
    assertEquals(List.of(), threads);
    assertEquals(0, answers.next());
    assertTrue(answers.hasNext());
    assertEquals(List.of(Thread.currentThread()), threads);
  }

  /** Each waits until as many are asked as may be at once, or for ever. */
  @Test
  void someAreAskedAtOnce() throws IOException {
    CyclicBarrier all = new CyclicBarrier(MOST);
    AtomicInteger waiting = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Ahead<Integer, Integer> answers =
        asked(
            7 + 3 * MOST,
            number -> {
              if (number >= 7) { // the first are asked by fewer
                most.accumulateAndGet(waiting.incrementAndGet(), Math::max);
                try {
                  all.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException | BrokenBarrierException | TimeoutException broken) {
                  throw new IOException(broken);
                }
                waiting.decrementAndGet();
              }
              return number;
            });
    assertEquals(numbers(7 + 3 * MOST), RemoteIterators.toList(answers));
    assertEquals(MOST, most.get());
  }

  @Test
  void anErrorIsThrownInItsTurn() throws IOException {
    IOException error = new IOException("no");
    Ahead<Integer, Integer> answers =
        asked(
            5,
            number -> {
              if (number == 2) {
                throw error;
              }
              return number;
            });
    assertEquals(0, answers.next());
    assertEquals(1, answers.next());
    assertSame(error, assertThrows(IOException.class, answers::next));
  }

  @Test
  void nothingIsAskedOnceItIsKnown() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    assertTrue(Ahead.any(numbers(1000), number -> asked.incrementAndGet() > 0));
    assertEquals(1, asked.get());
    assertFalse(Ahead.any(numbers(1000), number -> asked.incrementAndGet() < 0));
    assertEquals(1001, asked.get());
    assertFalse(Ahead.any(List.of(), number -> true));
  }
}
