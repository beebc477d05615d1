package s3r.hadoop;

import java.net.URI;
import java.net.URISyntaxException;

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

  /** Whether nothing may be changed under its names. */
  final boolean readOnly;

  private final boolean hostName;
  private final Glob glob;
  private final String folder;
  private final String prefix;

  private Rule(
      String profile,
      String client,
      String bucket,
      boolean spark,
      boolean readOnly,
      Glob glob,
      String folder,
      String prefix) {
    this.profile = profile;
    this.client = client;
    this.bucket = bucket;
    this.spark = spark;
    this.readOnly = readOnly;
    this.hostName = isHostName(bucket);
    this.glob = glob;
    this.folder = folder;
    this.prefix = prefix;
  }

  private static boolean isHostName(String bucket) {
    try {
      return new URI("s3r://" + bucket).getHost() != null;
    } catch (URISyntaxException wrong) {
      return false;
    }
  }

  /** What no profile takes: the default client has it under its own name. */
  static Rule unmatched(String bucket, boolean readOnly) {
    return new Rule(null, DEFAULT, bucket, true, readOnly, new Glob("*"), "", "");
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
        options.name(),
        options.client(),
        bucket,
        options.spark(),
        options.readOnly(),
        glob,
        folder,
        prefix);
  }

  /** The folder before the pattern's first wildcard: nothing above it is this rule's. */
  String head() {
    return glob.folder();
  }

  /** How many folders below the head its names go through until a star takes what follows. */
  int foldersToStar() {
    return glob.foldersToStar();
  }

  /** What all its keys begin with: the pattern up to its first wildcard. */
  String start() {
    return glob.start();
  }

  /** Whether it takes all names below the head. */
  boolean takesWholeHead() {
    return glob.ownsAllBelow(glob.folder()) && glob.start().equals(glob.folder());
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

  /** Whether the bucket's name is one of a host, which S3A needs. */
  boolean isHostName() {
    return hostName;
  }

  /** Whether names stay as they are, the bucket's too. */
  boolean isIdentity() {
    return profile == null;
  }

  /** Whether another rule's objects lie in the same bucket of the same client. */
  boolean sharesStoreWith(Rule other) {
    return client.equals(other.client) && bucket.equals(other.bucket);
  }

  /** The store that it is on, for people. */
  String store() {
    return "client '" + client + "' (bucket " + bucket + ")";
  }

  @Override
  public String toString() {
    return profile == null ? "no profile" : "profile '" + profile + "'";
  }
}
