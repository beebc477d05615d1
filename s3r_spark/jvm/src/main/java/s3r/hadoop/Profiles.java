package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.ref.SoftReference;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;

/**
 * The profiles that a configuration holds, in the order in which they are tried.
 *
 * <p>They are read once, however many file systems are made of them, and known again by the very
 * text that the configuration has of them: others are never taken for these.
 */
final class Profiles {
  /** How many profiles there are. */
  static final String COUNT = "fs.s3r.profiles";

  /**
   * All profiles, with blanks between. What no argument of a process could hold goes on in {@code
   * fs.s3r.routes.1} and so on.
   */
  static final String ROUTES = "fs.s3r.routes";

  /**
   * What becomes of names that no profile matches: {@code default}, {@code read} where that client
   * is for reading, or {@code refuse}.
   */
  static final String UNMATCHED = "fs.s3r.unmatched";

  private static final int KNOWN = 16; // routes of one process
  private static final int KEPT = 200_000; // rules of the buckets that were used last
  private static final Map<List<String>, SoftReference<Profiles>> known = new Latest<>(KNOWN);

  private final List<Profile> all;
  private final String unmatched;
  private final String digest;
  private final Map<String, List<Integer>> byBucket = new HashMap<>();
  private final List<Integer> globbed = new ArrayList<>();
  private final Map<String, Routes> buckets = new LinkedHashMap<>(16, 0.75f, true);
  private int kept;

  private Profiles(List<Profile> all, String unmatched, String digest) {
    this.all = all;
    this.unmatched = unmatched;
    this.digest = digest;
    for (int number = 0; number < all.size(); number++) {
      String pattern = all.get(number).bucketPattern();
      if (Glob.isLiteral(pattern)) {
        byBucket.computeIfAbsent(pattern, bucket -> new ArrayList<>()).add(number);
      } else {
        globbed.add(number);
      }
    }
  }

  /**
   * Those of a configuration.
   *
   * @throws IllegalArgumentException it holds none, or some that can't be followed
   */
  static Profiles of(Configuration conf) {
    List<String> text = text(conf);
    synchronized (known) {
      SoftReference<Profiles> profiles = known.get(text);
      Profiles there = profiles == null ? null : profiles.get();
      if (there != null) {
        // under this very text, which is found again without a look at what is in it
        known.remove(text);
        known.put(text, profiles);
        return there;
      }
    }
    Profiles read = read(text);
    synchronized (known) {
      known.put(text, new SoftReference<>(read));
    }
    return read;
  }

  /** What a configuration says of its routes, without the clients: unmatched, count, profiles. */
  private static List<String> text(Configuration conf) {
    String count = conf.getRaw(COUNT);
    if (count == null) {
      throw new IllegalArgumentException(
          COUNT + " is not set: this process has the router, but not its routes");
    }
    List<String> text = new ArrayList<>();
    text.add(Settings.oneOf(conf, UNMATCHED, "default", "refuse", "read"));
    text.add(count);
    String more = conf.getRaw(ROUTES); // Hadoop would look for variables in it, which has none
    while (more != null) {
      text.add(more);
      more = conf.getRaw(ROUTES + "." + (text.size() - 2));
    }
    return text;
  }

  private static Profiles read(List<String> text) {
    MessageDigest digest = ClientScheme.sha256();
    digest.update(text.get(0).getBytes(UTF_8));
    List<Profile> all = new ArrayList<>();
    for (String part : text.subList(2, text.size())) {
      StringTokenizer profiles = new StringTokenizer(part);
      while (profiles.hasMoreTokens()) {
        String profile = profiles.nextToken();
        all.add(Profile.read(profile));
        digest.update((" " + profile).getBytes(UTF_8));
      }
    }
    if (!text.get(1).trim().equals(Integer.toString(all.size()))) {
      throw new IllegalArgumentException(
          String.format(
              "%s is %s, and %s* hold %d: these are parts of different routes, or not all",
              COUNT, text.get(1), ROUTES, all.size()));
    }
    String hex = HexFormat.of().formatHex(digest.digest());
    return new Profiles(all, text.get(0), hex);
  }

  private boolean refusesUnmatched() {
    return unmatched.equals("refuse");
  }

  /** What tells them from others, whatever the blanks between them. */
  String digest() {
    return digest;
  }

  /** All of them. */
  List<Profile> all() {
    return all;
  }

  /** The clients that they need, by name. */
  Set<String> clients() {
    Set<String> clients = new TreeSet<>();
    all.forEach(profile -> clients.add(profile.client()));
    if (!refusesUnmatched()) {
      clients.add(Rule.DEFAULT);
    }
    return clients;
  }

  /**
   * The rules of a logical bucket.
   *
   * @throws IllegalArgumentException one can't be followed
   */
  synchronized Routes routes(String bucket) {
    Routes there = buckets.get(bucket);
    if (there != null) {
      return there;
    }
    Routes routes = new Routes(bucket, rules(bucket));
    buckets.put(bucket, routes);
    kept += routes.size();
    var eldest = buckets.values().iterator();
    while (kept > KEPT && buckets.size() > 1) {
      kept -= eldest.next().size();
      eldest.remove();
    }
    return routes;
  }

  private List<Rule> rules(String bucket) {
    TreeSet<Integer> numbers = new TreeSet<>(byBucket.getOrDefault(bucket, List.of()));
    for (int number : globbed) {
      if (new Glob(all.get(number).bucketPattern()).matches(bucket)) {
        numbers.add(number);
      }
    }
    List<Rule> rules = new ArrayList<>(numbers.size() + 1);
    numbers.forEach(number -> rules.add(Rule.of(all.get(number), bucket)));
    if (!refusesUnmatched()) {
      rules.add(Rule.unmatched(bucket, unmatched.equals("read")));
    }
    return rules;
  }
}
