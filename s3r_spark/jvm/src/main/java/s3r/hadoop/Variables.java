package s3r.hadoop;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.net.NetUtils;

/**
 * The environment variables that a client's options are read from, on this machine.
 *
 * <p>Hadoop leaves {@code ${env.NAME}} as it is where the variable isn't set, and S3A would sign
 * with that text: the store then says that it knows no such key, and nobody says which variable.
 */
final class Variables {
  /** As org.apache.hadoop.conf.Configuration has it, but for what names a fallback. */
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{env\\.([^}$\\s:]+)}");

  private Variables() {}

  /**
   * Refuses options whose variables aren't set, or are empty, here.
   *
   * @param client its encoded name
   * @param options its options as they are read here
   * @param prefix what stands before their names in the configuration
   * @throws IllegalArgumentException with the variables, the machine and the options
   */
  static void check(String client, Map<String, String> options, Configuration conf, String prefix) {
    Map<String, String> missing = new TreeMap<>();
    Set<String> names = new TreeSet<>();
    options.forEach(
        (name, value) -> {
          String raw = conf.getRaw(prefix + name);
          if (raw != null && (value.isEmpty() || REFERENCE.matcher(value).find())) {
            missing.put(name, raw);
          }
        });
    missing.values().forEach(raw -> addUnset(raw, names));
    if (!names.isEmpty()) {
      throw new IllegalArgumentException(
          "client '"
              + ClientScheme.client("s3r-" + client)
              + "' needs "
              + String.join(" and ", missing.keySet())
              + ", and the environment "
              + (names.size() == 1 ? "variable " : "variables ")
              + String.join(" and ", names)
              + (names.size() == 1 ? " is" : " are")
              + " not set on this machine (host "
              + NetUtils.getHostname()
              + ")");
    }
  }

  private static void addUnset(String raw, Set<String> names) {
    Matcher matcher = REFERENCE.matcher(raw);
    while (matcher.find()) {
      String value = System.getenv(matcher.group(1));
      if (value == null || value.isEmpty()) {
        names.add(matcher.group(1));
      }
    }
  }
}
