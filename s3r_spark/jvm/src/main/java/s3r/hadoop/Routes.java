package s3r.hadoop;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.PathIOException;

/** The rules of one logical bucket, in the order in which they are tried. */
final class Routes {
  private final String bucket;
  private final List<Rule> rules;

  Routes(String bucket, List<Rule> rules) {
    this.bucket = bucket;
    this.rules = rules;
  }

  /** How many rules there are. */
  int size() {
    return rules.size();
  }

  /**
   * The rule that a name goes by.
   *
   * @param key the name, without a slash at either end; it may be a file or a folder
   * @throws PathIOException no profile takes it and unmatched names are refused, or Spark may not
   *     use it
   */
  Rule owner(String key) throws PathIOException {
    String folder = folder(key);
    for (Rule rule : rules) {
      if (rule.takes(folder)) {
        checkSpark(rule, key);
        return rule;
      }
      if (!rule.spark && rule.takes(key)) {
        checkSpark(rule, key);
      }
    }
    throw new PathIOException(
        name(key), "no profile of the routes matches it, and they say `unmatched: refuse`");
  }

  /** Whether a rule is the one that a name goes by. */
  boolean isOwner(Rule rule, String key) {
    try {
      return owner(key) == rule;
    } catch (PathIOException refused) {
      return false;
    }
  }

  /** Whether a name goes by the same rule where it is a file's, as boto3 knows no folders. */
  boolean isOwnerAsFile(Rule rule, String key) {
    for (Rule other : rules) {
      if (other.takes(key)) {
        return other == rule;
      }
    }
    return false;
  }

  /** The rules that can have names at or below a folder, first the first to be tried. */
  List<Rule> parts(String key) {
    String folder = folder(key);
    List<Rule> parts = new ArrayList<>(1);
    for (Rule rule : rules) {
      if (rule.mayTakeBelow(folder)) {
        if (rule.spark && !covered(rule, folder)) {
          parts.add(rule);
        }
        if (rule.takesAllBelow(folder)) {
          break;
        }
      }
    }
    return parts;
  }

  /**
   * Whether all names at and below a folder are one rule's: only then may its store act on all of
   * them.
   */
  boolean isUniform(String key) {
    String folder = folder(key);
    for (Rule rule : rules) {
      if (rule.mayTakeBelow(folder)) {
        return rule.spark && rule.takesAllBelow(folder);
      }
    }
    return false;
  }

  /**
   * Refuses what would touch all names below a folder where Spark may not use some of them.
   *
   * @throws PathIOException a profile with {@code spark: false} can have names there
   */
  void checkAllBelow(String key) throws PathIOException {
    String folder = folder(key);
    for (Rule rule : rules) {
      if (rule.mayTakeBelow(folder)) {
        checkSpark(rule, key);
        if (rule.takesAllBelow(folder)) {
          return;
        }
      }
    }
  }

  /** Whether earlier rules leave nothing below a folder to a rule. */
  private boolean covered(Rule rule, String folder) {
    String within = rule.head().startsWith(folder) ? rule.head() : folder;
    for (Rule earlier : rules) {
      if (earlier == rule) {
        return false;
      }
      if (earlier.takesAllBelow(within)) {
        return true;
      }
    }
    return false;
  }

  private void checkSpark(Rule rule, String key) throws PathIOException {
    if (!rule.spark) {
      throw new PathIOException(
          name(key), rule + " takes it or names below it, and says `spark: false`");
    }
  }

  private String name(String key) {
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
