package s3r.hadoop;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A glob as Python's {@code fnmatch.fnmatchcase} has it, and what a listing must know of it beyond.
 *
 * <p>It is parsed once into steps, a star or a set of characters each, and run as a small automaton
 * over a text's code points. That tells not only whether a text matches, but whether a longer one
 * could, or must. Python has the same in {@code s3r_spark/globs.py}; {@code java.util.regex} would
 * not do, since it gives {@code [a&&b]} and {@code [[]} another meaning.
 */
final class Glob {
  /** One part of a glob: a star, or the ranges of characters of which one must (not) follow. */
  @SuppressWarnings("ArrayRecordComponent") // steps are never compared
  private record Step(boolean star, int[] ranges, boolean negated) {
    static final Step STAR = new Step(true, new int[0], false);
    static final Step ANY = new Step(false, new int[0], true);

    boolean takes(int character) {
      for (int i = 0; i < ranges.length; i += 2) {
        if (ranges[i] <= character && character <= ranges[i + 1]) {
          return !negated;
        }
      }
      return negated;
    }
  }

  private final String text;
  private final String head;
  private final boolean headAndStar;
  private final Step[] steps;

  Glob(String text) {
    this.text = oneStar(text);
    this.head = text.substring(0, firstWildcard(text));
    this.headAndStar = this.text.equals(head + "*");
    this.steps = headAndStar ? new Step[0] : parse(text.codePoints().toArray());
  }

  /** Whether a text has no wildcard in it. */
  static boolean isLiteral(String text) {
    return firstWildcard(text) == text.length();
  }

  /** The fixed folder before the first wildcard, with its slash; empty where there is none. */
  String folder() {
    return head.substring(0, head.lastIndexOf('/') + 1);
  }

  /** How many folders below the fixed one a text goes through until a star takes what follows. */
  int foldersToStar() {
    int[] rest = text.substring(folder().length()).codePoints().toArray();
    int folders = 0;
    boolean inside = false;
    for (int i = 0; i < rest.length && rest[i] != '*'; i++) {
      inside = rest[i] != '/';
      folders += inside ? 0 : 1;
      i = rest[i] == '[' ? Math.max(i, closing(rest, i)) : i;
    }
    return inside ? folders + 1 : folders;
  }

  /** The fixed text before the first wildcard. */
  String start() {
    return head;
  }

  /** Whether a text matches. */
  boolean matches(String name) {
    if (!name.startsWith(head)) {
      return false;
    }
    return headAndStar || after(name).get(steps.length);
  }

  /** Whether some text that starts with the prefix (the prefix itself too) can match. */
  boolean mayMatchBelow(String prefix) {
    if (!head.startsWith(prefix) && !prefix.startsWith(head)) {
      return false;
    }
    return headAndStar || !after(prefix).isEmpty();
  }

  /** Whether every text that starts with the prefix matches. */
  boolean ownsAllBelow(String prefix) {
    if (headAndStar) {
      return prefix.startsWith(head);
    }
    BitSet start = after(prefix);
    Set<BitSet> seen = new HashSet<>(Set.of(start));
    Deque<BitSet> todo = new ArrayDeque<>(seen);
    while (!todo.isEmpty()) {
      BitSet states = todo.pop();
      if (steps.length > 0 && steps[steps.length - 1].star && states.get(steps.length - 1)) {
        continue; // from here on it takes everything
      }
      if (!states.get(steps.length)) {
        return false;
      }
      for (int letter : alphabet()) {
        BitSet moved = next(states, letter);
        if (seen.add(moved)) {
          todo.push(moved);
        }
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return text;
  }

  // A state is the number of steps already taken; a set of them is where a text can have led to.

  private BitSet after(String name) {
    BitSet states = new BitSet(steps.length + 1);
    add(states, 0);
    for (int i = 0; i < name.length() && !states.isEmpty(); ) {
      int character = name.codePointAt(i);
      states = next(states, character);
      i += Character.charCount(character);
    }
    return states;
  }

  private BitSet next(BitSet states, int character) {
    BitSet moved = new BitSet(steps.length + 1);
    for (int at = states.nextSetBit(0);
        at >= 0 && at < steps.length;
        at = states.nextSetBit(at + 1)) {
      if (steps[at].star) {
        add(moved, at);
      } else if (steps[at].takes(character)) {
        add(moved, at + 1);
      }
    }
    return moved;
  }

  /** Adds a state, and those that an empty star leads on to. */
  private void add(BitSet states, int state) {
    int at = state;
    states.set(at);
    while (at < steps.length && steps[at].star) {
      states.set(++at);
    }
  }

  /** One character of each kind that the steps tell apart. */
  private Set<Integer> alphabet() {
    Set<Integer> edges = new TreeSet<>(Set.of(0));
    for (Step step : steps) {
      for (int i = 0; i < step.ranges.length; i += 2) {
        edges.add(step.ranges[i]);
        edges.add(Math.min(step.ranges[i + 1] + 1, Character.MAX_CODE_POINT));
      }
    }
    return edges;
  }

  /** The glob with each run of stars as one star, which takes the same texts. */
  private static String oneStar(String glob) {
    int[] characters = glob.codePoints().toArray();
    StringBuilder out = new StringBuilder();
    boolean star = false;
    for (int i = 0; i < characters.length; i++) {
      boolean again = star && characters[i] == '*';
      star = characters[i] == '*';
      int end = characters[i] == '[' ? Math.max(i, closing(characters, i)) : i;
      if (!again) {
        out.append(new String(characters, i, end - i + 1)); // a bracket stays as it is
      }
      i = end;
    }
    return out.toString();
  }

  private static int firstWildcard(String glob) {
    for (int i = 0; i < glob.length(); i++) {
      if ("*?[".indexOf(glob.charAt(i)) >= 0) {
        return i;
      }
    }
    return glob.length();
  }

  private static Step[] parse(int[] glob) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < glob.length; i++) {
      int end = glob[i] == '[' ? closing(glob, i) : -1;
      if (glob[i] == '*') {
        if (steps.isEmpty() || !steps.get(steps.size() - 1).star) {
          steps.add(Step.STAR);
        }
      } else if (glob[i] == '?') {
        steps.add(Step.ANY);
      } else if (end >= 0) {
        steps.add(bracket(glob, i + 1, end));
        i = end;
      } else {
        steps.add(new Step(false, new int[] {glob[i], glob[i]}, false));
      }
    }
    return steps.toArray(new Step[0]);
  }

  /** Where the bracket that opens at a place closes; -1 where it never does. */
  private static int closing(int[] glob, int at) {
    int i = at + 1;
    if (i < glob.length && glob[i] == '!') {
      i++;
    }
    if (i < glob.length && glob[i] == ']') {
      i++;
    }
    while (i < glob.length && glob[i] != ']') {
      i++;
    }
    return i < glob.length ? i : -1;
  }

  private static Step bracket(int[] glob, int start, int end) {
    boolean negated = glob[start] == '!';
    List<Integer> ranges = new ArrayList<>();
    for (int i = negated ? start + 1 : start; i < end; i++) {
      boolean range = i + 2 < end && glob[i + 1] == '-';
      ranges.add(glob[i]);
      ranges.add(range ? glob[i + 2] : glob[i]);
      i += range ? 2 : 0;
    }
    return new Step(false, ranges.stream().mapToInt(Integer::intValue).toArray(), negated);
  }
}
