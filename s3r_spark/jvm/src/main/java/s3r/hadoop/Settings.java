package s3r.hadoop;

import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;

/** The router's own settings, each read in one way; what is no value of one is refused. */
final class Settings {
  private Settings() {}

  /**
   * One of some words.
   *
   * @param usual what holds where nothing is set
   */
  static String oneOf(Configuration conf, String key, String usual, String... others) {
    String value = conf.getTrimmed(key, usual);
    if (!value.equals(usual) && !Arrays.asList(others).contains(value)) {
      throw wrong(key, usual + " or " + String.join(" or ", others), value);
    }
    return value;
  }

  /** A number that is not 0. */
  static int count(Configuration conf, String key, int usual) {
    String value = conf.getTrimmed(key, Integer.toString(usual));
    if (!value.matches("[1-9][0-9]{0,3}")) {
      throw wrong(key, "from 1 to 9999", value);
    }
    return Integer.parseInt(value);
  }

  private static IllegalArgumentException wrong(String key, String right, String value) {
    return new IllegalArgumentException(key + " must be " + right + ", not '" + value + "'");
  }
}
