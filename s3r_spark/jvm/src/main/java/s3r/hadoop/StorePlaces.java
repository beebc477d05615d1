package s3r.hadoop;

import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
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

  private final List<Entry> entries;

  private record Entry(String prefix, String profile) {}

  /** The places of the store that a configuration is of. */
  StorePlaces(Configuration conf) {
    this.client = conf.get(CLIENT, "");
    String bucket = conf.get(STORE_BUCKET, "");
    this.entries =
        profiles(conf).stream()
            .filter(profile -> profile.spark() && profile.client().equals(client))
            .map(profile -> entry(profile, bucket))
            .filter(Objects::nonNull)
            .sorted(Comparator.comparing((Entry entry) -> -entry.prefix().length()))
            .toList();
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
    for (Entry entry : entries) {
      if (key.startsWith(entry.prefix()) || entry.prefix().equals(key + "/")) {
        return entry.profile();
      }
    }
    return null;
  }

  /** Where a profile's names lie in a bucket; null: not there. */
  private static Entry entry(Profile profile, String bucket) {
    String logical = logical(profile, bucket);
    if (logical != null) {
      Rule rule = Rule.of(profile, logical);
      return rule.bucket.equals(bucket)
          ? new Entry(rule.physical(rule.head()), profile.name())
          : null;
    }
    if (!bucket.equals(profile.mappedBucket())) {
      return null;
    }
    // Many logical buckets lie there; they have the beginning in common.
    String prefix = profile.mappedPrefix();
    if (prefix == null) {
      return new Entry("", profile.name());
    }
    int end = prefix.indexOf(BUCKET);
    return new Entry(end < 0 ? prefix : prefix.substring(0, end), profile.name());
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
