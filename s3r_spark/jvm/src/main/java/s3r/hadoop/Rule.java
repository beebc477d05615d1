package s3r.hadoop;

import org.apache.hadoop.conf.Configuration;

/**
 * One profile of routes.yaml, for one logical bucket; or what becomes of names that no profile
 * takes.
 *
 * <p>Keys of folders end in a slash here, and the bucket's root is the empty key, so that a profile
 * owns a folder exactly when its pattern matches the folder's key. Patterns own whole folders, so
 * that is the owner of a file of that name as well.
 */
final class Rule {
  /** The client that serves what no profile takes. */
  static final String DEFAULT = "default";

  private static final String BUCKET = "{bucket}";

  /** The profile's name; null where there is none. */
  final String profile;

  final String client;

  /** The physical bucket. */
  final String bucket;

  /** Whether Spark may use it. */
  final boolean spark;

  private final Glob glob;
  private final String folder;
  private final String prefix;

  private Rule(
      String profile,
      String client,
      String bucket,
      boolean spark,
      Glob glob,
      String folder,
      String prefix) {
    this.profile = profile;
    this.client = client;
    this.bucket = bucket;
    this.spark = spark;
    this.glob = glob;
    this.folder = folder;
    this.prefix = prefix;
  }

  /** What no profile takes: the default client has it under its own name. */
  static Rule unmatched(String bucket) {
    return new Rule(null, DEFAULT, bucket, true, new Glob("*"), "", "");
  }

  /**
   * Reads a profile, for one logical bucket that it takes.
   *
   * @param options the profile's fields, named as in routes.yaml
   * @throws IllegalArgumentException it is no profile that Spark can use
   */
  static Rule of(Profile options, String logical) {
    Glob glob = new Glob(options.keyPattern());
    boolean ownsFolders = glob.toString().equals("*") || glob.toString().endsWith("/*");
    if (options.spark() && !ownsFolders) {
      throw new IllegalArgumentException(
          options + " takes some files of a folder and leaves others: end " + glob + " in '/*'");
    }
    String bucket =
        options.mappedBucket() == null ? logical : options.mappedBucket().replace(BUCKET, logical);
    String folder = "";
    String prefix = "";
    if (options.mappedPrefix() != null) {
      prefix = options.mappedPrefix().replace(BUCKET, logical);
      if (!options.prepends()) {
        folder = glob.folder();
        prefix += prefix.isEmpty() || prefix.endsWith("/") ? "" : "/";
      } else if (options.spark()
          && glob.folder().isEmpty()
          && !prefix.isEmpty()
          && !prefix.endsWith("/")) {
        throw new IllegalArgumentException(
            options + " puts '" + prefix + "' before all keys, which is no folder: end it in '/'");
      }
    }
    return new Rule(
        options.name(), options.client(), bucket, options.spark(), glob, folder, prefix);
  }

  /** The folder before the pattern's first wildcard: nothing above it is this rule's. */
  String head() {
    return glob.folder();
  }

  boolean takes(String key) {
    return glob.matches(key);
  }

  boolean mayTakeBelow(String prefix) {
    return glob.mayMatchBelow(prefix);
  }

  boolean takesAllBelow(String prefix) {
    return glob.ownsAllBelow(prefix);
  }

  /** The physical key of a logical one at or below the head. */
  String physical(String key) {
    return prefix + key.substring(folder.length());
  }

  /** The logical key of a physical one; null: this rule maps none there. */
  String logical(String physical) {
    return physical.startsWith(prefix) ? folder + physical.substring(prefix.length()) : null;
  }

  /** Whether names stay as they are, the bucket's too. */
  boolean isIdentity() {
    return profile == null;
  }

  /** Whether another rule's objects lie in the same bucket of the same client. */
  boolean sharesStoreWith(Rule other) {
    return client.equals(other.client) && bucket.equals(other.bucket);
  }

  @Override
  public String toString() {
    return profile == null ? "no profile" : "profile '" + profile + "'";
  }

  /** A profile's fields as the configuration has them. */
  record Profile(
      String name,
      String client,
      String bucketPattern,
      String keyPattern,
      String mappedBucket,
      String mappedPrefix,
      boolean prepends,
      boolean spark) {

    static Profile read(Configuration conf, int number) {
      String key = "fs.s3r.profile." + number + ".";
      String name = conf.get(key + "name", Integer.toString(number));
      String prefix = conf.get(key + "mapped_prefix");
      return new Profile(
          name,
          conf.get(key + "client", name),
          required(conf, key + "source_bucket_pattern"),
          conf.get(key + "source_key_pattern", "*"),
          conf.get(key + "mapped_bucket_name"),
          // Hadoop's files can't hold an empty value: a slash, which no prefix begins with, stands
          // for it
          "/".equals(prefix) ? "" : prefix,
          "prepend".equals(Settings.oneOf(conf, key + "prefix_mode", "replace", "prepend")),
          conf.getBoolean(key + "spark", true));
    }

    private static String required(Configuration conf, String key) {
      String value = conf.get(key);
      if (value == null) {
        throw new IllegalArgumentException(key + " is missing: the routes are incomplete");
      }
      return value;
    }

    @Override
    public String toString() {
      return "profile '" + name + "'";
    }
  }
}
