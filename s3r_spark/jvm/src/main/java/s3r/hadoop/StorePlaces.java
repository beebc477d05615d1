package s3r.hadoop;

import java.net.URI;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/**
 * Which profile a key of a client's bucket is of, by the routes of who has opened the store: for
 * what is counted and noted in access logs. Where two profiles lead to one place, it is the first.
 */
final class StorePlaces {
  private static final String CLIENT = "fs.s3r.store.client";
  private static final String STORE_BUCKET = "fs.s3r.store.bucket";
  private static final String BUCKET = "{bucket}";

  /** The client's name, for people. */
  final String client;

  private final Map<String, String> profiles = new HashMap<>(); // by prefix
  private final int[] lengths; // of the prefixes, the longest first

  /** The places of the store that a configuration is of. */
  StorePlaces(Configuration conf) {
    this.client = conf.get(CLIENT, "");
    String bucket = conf.get(STORE_BUCKET, "");
    for (Profile profile : profiles(conf)) {
      if (profile.spark() && profile.client().equals(client)) {
        String prefix = prefix(profile, bucket);
        if (prefix != null) {
          profiles.putIfAbsent(prefix, profile.name());
        }
      }
    }
    this.lengths =
        profiles.keySet().stream()
            .map(String::length)
            .distinct()
            .sorted(Comparator.reverseOrder())
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /** All of the routes; none where the configuration has but the client. */
  private static List<Profile> profiles(Configuration conf) {
    try {
      return Profiles.of(conf).all();
    } catch (IllegalArgumentException none) {
      return List.of();
    }
  }

  /** Notes in a store's configuration whose it is. */
  static void note(URI uri, Configuration conf) {
    conf.set(CLIENT, ClientScheme.client(ClientScheme.withoutDigest(uri.getScheme())));
    conf.set(STORE_BUCKET, uri.getAuthority());
  }

  /** The profile of a physical key, or of a prefix; null: none, which the default client serves. */
  String profile(String key) {
    for (int length : lengths) {
      String prefix =
          length <= key.length()
              ? key.substring(0, length)
              : length == key.length() + 1 ? key + "/" : null;
      String profile = prefix == null ? null : profiles.get(prefix);
      if (profile != null) {
        return profile;
      }
    }
    return null;
  }

  /** What the keys of a profile's names in a bucket begin with; null: it has none there. */
  private static String prefix(Profile profile, String bucket) {
    String logical = logical(profile, bucket);
    if (logical != null) {
      Rule rule = Rule.of(profile, logical);
      return rule.bucket.equals(bucket) ? rule.physical(rule.head()) : null;
    }
    if (!bucket.equals(profile.mappedBucket())) {
      return null;
    }
    // Many logical buckets lie there; they have the beginning in common.
    String prefix = profile.mappedPrefix();
    if (prefix == null) {
      return "";
    }
    int end = prefix.indexOf(BUCKET);
    return end < 0 ? prefix : prefix.substring(0, end);
  }

  /** The logical bucket of a physical one; null: there is none, or it can't be told. */
  private static String logical(Profile profile, String bucket) {
    String mapped = profile.mappedBucket();
    if (Glob.isLiteral(profile.bucketPattern())) {
      return profile.bucketPattern();
    }
    String logical = null;
    if (mapped == null) {
      logical = bucket;
    } else if (mapped.contains(BUCKET)) {
      String[] parts = mapped.split(Pattern.quote(BUCKET), 2);
      Matcher match =
          Pattern.compile(Pattern.quote(parts[0]) + "(.+)" + Pattern.quote(parts[1]))
              .matcher(bucket);
      logical = match.matches() ? match.group(1) : null;
    }
    return logical != null && new Glob(profile.bucketPattern()).matches(logical) ? logical : null;
  }
}
