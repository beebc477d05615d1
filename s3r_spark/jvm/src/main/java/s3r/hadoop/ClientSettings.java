package s3r.hadoop;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.s3a.audit.S3AAuditConstants;

/**
 * What S3A is to be told for one client: its options ({@code fs.s3r.client.<client>.<option>}) laid
 * over {@code fs.s3a.*}, and its secrets, wherever they lie.
 *
 * <p>A client is named here as in schemes and settings: {@link ClientScheme#encoded}.
 */
final class ClientSettings {
  private static final String CLIENTS = "fs.s3r.client.";
  private static final String STORES = "security.credential.provider.path";
  private static final String HADOOP_STORES = "hadoop." + STORES;
  private static final String LOCAL = "localjceks://file";

  /** What S3A asks credential stores for. */
  private static final List<String> SECRETS =
      List.of(
          "access.key",
          "secret.key",
          "session.token",
          "encryption.key",
          "proxy.username",
          "proxy.password");

  private static final Map<List<String>, String> schemes = new Latest<>(1000);
  private static final Map<Configuration, OptionNames> optionNames = new WeakHashMap<>();

  /**
   * The names of the options that a configuration has, by client.
   *
   * @param size how many settings it had then
   */
  private record OptionNames(int size, Map<String, List<String>> ofClient) {}

  private ClientSettings() {}

  /**
   * A configuration for S3A.
   *
   * <p>Options for one bucket ({@code fs.s3a.bucket.*}) would win over the client's, and belong to
   * whichever client has a bucket of that name, so they are left out.
   *
   * @throws IllegalArgumentException the client has no options
   */
  static Configuration forClient(String client, Configuration original) throws IOException {
    Map<String, String> options = optionsAndSecrets(client, original);
    Configuration conf = new Configuration(original);
    List<String> perBucket = new ArrayList<>();
    for (Map.Entry<String, String> entry : conf) {
      if (entry.getKey().startsWith("fs.s3a.bucket.")) {
        perBucket.add(entry.getKey());
      }
    }
    perBucket.forEach(conf::unset);
    // A credential store wins over plain keys, so one that is meant for others must not be asked.
    conf.unset(HADOOP_STORES);
    conf.unset("fs.s3a." + STORES);
    options.forEach((name, value) -> conf.set("fs.s3a." + name, value, "client " + client));
    conf.setIfUnset(S3AAuditConstants.AUDIT_SERVICE_CLASSNAME, ClientAuditor.class.getName());
    String interceptors = conf.getTrimmed(S3AAuditConstants.AUDIT_EXECUTION_INTERCEPTORS, "");
    conf.set(
        S3AAuditConstants.AUDIT_EXECUTION_INTERCEPTORS,
        (interceptors.isEmpty() ? "" : interceptors + ",") + Served.class.getName());
    return conf;
  }

  /**
   * The scheme of the file system of one of a client's buckets: another one for other settings.
   *
   * <p>It is found again without a look at all that the configuration holds, since a router that is
   * made for each call asks for it.
   *
   * @throws IllegalArgumentException the client has no options
   */
  static String scheme(String client, String bucket, Configuration conf) throws IOException {
    List<String> known = known(client, bucket, conf);
    synchronized (schemes) {
      String scheme = schemes.get(known);
      if (scheme != null) {
        return scheme;
      }
    }
    String scheme = ClientScheme.ofEncoded(client, bucket, optionsAndSecrets(client, conf));
    synchronized (schemes) {
      schemes.put(known, scheme);
    }
    return scheme;
  }

  /** What a scheme depends on. */
  private static List<String> known(String client, String bucket, Configuration conf) {
    List<String> known = new ArrayList<>();
    known.add(client);
    known.add(bucket);
    for (String name : optionNames(conf).ofClient().getOrDefault(client, List.of())) {
      known.add(name);
      known.add(conf.get(prefix(client) + name));
    }
    for (String store : conf.getTrimmedStrings("fs.s3a." + STORES)) {
      known.add(store);
      if (store.startsWith(LOCAL)) {
        File file = new File(store.substring(LOCAL.length()));
        known.add(file.lastModified() + " " + file.length());
      }
    }
    return known;
  }

  /**
   * The names of all clients' options, those included that somebody has added by hand. They are
   * looked for again in each copy of a configuration, as Spark makes for each file, and where it
   * has got more settings, or fewer.
   */
  private static OptionNames optionNames(Configuration conf) {
    int size = conf.size();
    synchronized (optionNames) {
      OptionNames names = optionNames.get(conf);
      if (names != null && names.size() == size) {
        return names;
      }
    }
    Map<String, List<String>> ofClient = new HashMap<>();
    for (String name : SettingNames.after(CLIENTS, conf)) {
      int dot = name.indexOf('.');
      if (dot > 0) {
        ofClient
            .computeIfAbsent(name.substring(0, dot), client -> new ArrayList<>())
            .add(name.substring(dot + 1));
      }
    }
    OptionNames names = new OptionNames(size, ofClient);
    synchronized (optionNames) {
      optionNames.put(conf, names);
    }
    return names;
  }

  /**
   * A client's options by their names in S3A.
   *
   * @throws IllegalArgumentException it has none
   */
  static Map<String, String> options(String client, Configuration conf) {
    Map<String, String> options = conf.getPropsWithPrefix(prefix(client));
    if (options.isEmpty()) {
      throw new IllegalArgumentException(
          "client '"
              + ClientScheme.client("s3r-" + client)
              + "' has no options: this process lacks "
              + prefix(client)
              + "*");
    }
    return options;
  }

  /** One of a client's options; null: it has none of that name. */
  static String option(String client, String name, Configuration conf) {
    return conf.get(prefix(client) + name);
  }

  private static String prefix(String client) {
    return CLIENTS + client + ".";
  }

  private static Map<String, String> optionsAndSecrets(String client, Configuration conf)
      throws IOException {
    Map<String, String> options = options(client, conf);
    readStores(prefix(client), conf, options);
    Variables.check(client, options, conf, prefix(client));
    return options;
  }

  /**
   * Secrets of the client that lie in the session's credential stores, under its options' names.
   */
  private static void readStores(String prefix, Configuration original, Map<String, String> options)
      throws IOException {
    String stores = original.getTrimmed("fs.s3a." + STORES, "");
    if (stores.isEmpty()) {
      return;
    }
    Configuration asking = new Configuration(original);
    asking.set(HADOOP_STORES, stores);
    for (String name : SECRETS) {
      char[] secret = asking.getPassword(prefix + name);
      if (secret != null) {
        options.put(name, new String(secret));
      }
    }
  }
}
