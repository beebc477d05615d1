package s3r.hadoop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * The rules of a bucket by how their patterns begin, so that a name is asked of the few that can
 * have it, whatever their number. Python has the same in {@code s3r_spark/rules.py}.
 *
 * <p>Rules are told by their numbers here: the lowest is tried first.
 */
final class RuleIndex {
  private static final int NONE = Integer.MAX_VALUE;
  private static final int[] NOTHING = {};

  private final Map<String, Folder> folders = new HashMap<>();
  private final Map<String, int[]> deeper = new HashMap<>();

  /** The rules whose patterns have their first wildcard in one folder. */
  private static final class Folder {
    private int whole = NONE;
    private final Map<String, List<Integer>> byHead = new HashMap<>();
    private final TreeSet<Integer> lengths = new TreeSet<>();
  }

  RuleIndex(List<Rule> rules) {
    Map<String, List<Integer>> below = new HashMap<>();
    for (int number = 0; number < rules.size(); number++) {
      Rule rule = rules.get(number);
      Folder folder = folders.computeIfAbsent(rule.head(), head -> new Folder());
      String start = rule.start();
      if (rule.takesWholeHead()) {
        folder.whole = Math.min(folder.whole, number);
      } else {
        folder.byHead.computeIfAbsent(start, head -> new ArrayList<>()).add(number);
        folder.lengths.add(start.length());
      }
      for (int end = 0; end >= 0 && end < start.length(); end = next(start, end)) {
        below.computeIfAbsent(start.substring(0, end), head -> new ArrayList<>()).add(number);
      }
    }
    below.forEach(
        (folder, numbers) -> deeper.put(folder, numbers.stream().mapToInt(i -> i).toArray()));
  }

  /**
   * The first rule whose pattern begins as a key does, and that passes a test.
   *
   * @return its number; or the highest integer: there is none
   */
  int first(String key, IntPredicate test) {
    int best = NONE;
    for (int end = 0; end >= 0; end = next(key, end)) {
      Folder folder = folders.get(key.substring(0, end));
      if (folder == null) {
        continue;
      }
      if (folder.whole < best && test.test(folder.whole)) {
        best = folder.whole;
      }
      for (int length : folder.lengths) {
        if (length > key.length()) {
          break;
        }
        for (int number : folder.byHead.getOrDefault(key.substring(0, length), List.of())) {
          if (number >= best) {
            break;
          }
          if (test.test(number)) {
            best = number;
            break;
          }
        }
      }
    }
    return best;
  }

  /** All rules whose patterns begin as a folder does and pass a test, and all that begin below. */
  int[] under(String folder, IntPredicate test) {
    List<Integer> here = new ArrayList<>();
    first(
        folder,
        number -> {
          if (test.test(number)) {
            here.add(number);
          }
          return false; // so that all are tried
        });
    int[] below = deeper(folder);
    int[] all = Arrays.copyOf(below, below.length + here.size());
    for (int i = 0; i < here.size(); i++) {
      all[below.length + i] = here.get(i);
    }
    if (!here.isEmpty()) {
      Arrays.sort(all);
    }
    return all;
  }

  /** The rules whose patterns have more of a fixed text than a folder's key, rising. */
  int[] deeper(String folder) {
    return deeper.getOrDefault(folder, NOTHING);
  }

  /** Where the next folder of a key ends; -1: it has none. */
  private static int next(String key, int end) {
    int slash = key.indexOf('/', end);
    return slash < 0 ? -1 : slash + 1;
  }
}
