package s3r.hadoop;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.PathIOException;

/** The rules of one logical bucket, in the order in which they are tried. */
final class Routes {
  private final String bucket;
  private final List<Rule> rules;
  private final RuleIndex index;
  private final Map<Rule, Integer> numbers = new HashMap<>();
  private final BitSet covered = new BitSet();
  private final List<Rule> forOthers = new ArrayList<>();

  Routes(String bucket, List<Rule> rules) {
    this.bucket = bucket;
    this.rules = rules;
    this.index = new RuleIndex(rules);
    for (int number = 0; number < rules.size(); number++) {
      Rule rule = rules.get(number);
      numbers.put(rule, number);
      covered.set(number, firstToTakeAll(rule.head()) < number);
      if (!rule.spark) {
        forOthers.add(rule);
      }
    }
  }

  /** How many rules there are. */
  int size() {
    return rules.size();
  }

  /**
   * What the rules say of a name.
   *
   * @param key the name, without a slash at either end; it may be a file or a folder
   */
  Name name(String key) {
    String folder = folder(key);
    Rule owner = rule(index.first(folder, number -> rules.get(number).takes(folder)));
    Rule file = rule(index.first(key, number -> rules.get(number).takes(key)));
    PathIOException refusal = refusal(key, owner);
    if (refusal != null) {
      return new Name(key, null, null, refusal, false);
    }
    boolean isOnlyFolder = file != owner && owner.head().equals(folder);
    if (isOnlyFolder || (file != null && !file.spark)) {
      file = null;
    }
    return new Name(key, owner, file, null, isUniform(folder));
  }

  /**
   * The rule that a name goes by.
   *
   * @throws PathIOException no profile takes it and unmatched names are refused, or Spark may not
   *     use it
   */
  Rule owner(String key) throws PathIOException {
    return name(key).owner();
  }

  /** Why a name can't be used; null: it can. */
  private PathIOException refusal(String key, Rule owner) {
    String folder = folder(key);
    for (Rule rule : forOthers) {
      if (owner != null && numbers.get(rule) > numbers.get(owner)) {
        break;
      }
      if (rule.takes(folder) || rule.takes(key)) {
        return refusedToSpark(rule, key);
      }
    }
    return owner != null
        ? null
        : new PathIOException(
            path(key), "no profile of the routes matches it, and they say `unmatched: refuse`");
  }

  /** Whether a rule is the one that a name goes by as a folder. */
  boolean isOwner(Rule rule, String key) {
    return name(key).folder() == rule;
  }

  /** Whether a rule is the one that a name goes by as a file, as boto3 knows no folders. */
  boolean isOwnerAsFile(Rule rule, String key) {
    return name(key).file() == rule;
  }

  /** The rules that can have names at or below a folder, first the first to be tried. */
  List<Rule> parts(String key) {
    String folder = folder(key);
    int last = firstToTakeAll(folder);
    List<Rule> parts = new ArrayList<>(1);
    for (int number : index.under(folder, n -> rules.get(n).mayTakeBelow(folder))) {
      if (number > last) {
        break;
      }
      if (rules.get(number).spark && !covered.get(number)) {
        parts.add(rules.get(number));
      }
    }
    return parts;
  }

  /** Whether a rule is among the parts of a folder. */
  boolean isPart(Rule rule, String key) {
    String folder = folder(key);
    int number = numbers.get(rule);
    return rule.spark
        && rule.mayTakeBelow(folder)
        && !covered.get(number)
        && number <= firstToTakeAll(folder);
  }

  /**
   * Whether all names below a folder are one rule's: only then may its store act on all of them.
   */
  private boolean isUniform(String folder) {
    int first = index.first(folder, number -> rules.get(number).mayTakeBelow(folder));
    int[] deeper = index.deeper(folder);
    return first < rules.size()
        && (deeper.length == 0 || deeper[0] > first)
        && rules.get(first).spark
        && rules.get(first).takesAllBelow(folder);
  }

  private int firstToTakeAll(String folder) {
    return index.first(folder, number -> rules.get(number).takesAllBelow(folder));
  }

  private Rule rule(int number) {
    return number < rules.size() ? rules.get(number) : null;
  }

  /**
   * Refuses what would touch all names below a folder where Spark may not use some of them.
   *
   * @throws PathIOException a profile with {@code spark: false} can have names there
   */
  void checkAllBelow(String key) throws PathIOException {
    if (forOthers.isEmpty()) {
      return;
    }
    String folder = folder(key);
    int last = firstToTakeAll(folder);
    for (Rule rule : forOthers) {
      if (numbers.get(rule) <= last && rule.mayTakeBelow(folder)) {
        throw refusedToSpark(rule, key);
      }
    }
  }

  private PathIOException refusedToSpark(Rule rule, String key) {
    return new PathIOException(
        path(key), rule + " takes it or names below it, and says `spark: false`");
  }

  private String path(String key) {
    return "s3a://" + bucket + "/" + key;
  }

  /** A name as the key of a folder. */
  static String folder(String key) {
    return key.isEmpty() ? "" : key + "/";
  }

  /** The key of a folder, or a path with slashes at its ends, as a name. */
  static String stripped(String path) {
    int start = 0;
    int end = path.length();
    while (start < end && path.charAt(start) == '/') {
      start++;
    }
    while (end > start && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(start, end);
  }
}
