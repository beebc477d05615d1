package s3r.hadoop;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.s3a.S3AFileSystem;

/**
 * S3A for one client of routes.yaml, under a scheme of its own, so that two clients may each have a
 * bucket of the same name.
 *
 * <p>The client's options ({@code fs.s3r.client.<client>.<option>}) are laid over {@code fs.s3a.*}
 * before S3A reads them. Options for one bucket ({@code fs.s3a.bucket.*}) would win over these, and
 * belong to whichever client has a bucket of that name, so they are left out.
 */
public final class StoreFileSystem extends S3AFileSystem {
  private static final String STORES = "security.credential.provider.path";
  private static final String HADOOP_STORES = "hadoop." + STORES;

  /** What S3A asks credential stores for. */
  private static final List<String> SECRETS =
      List.of(
          "access.key",
          "secret.key",
          "session.token",
          "encryption.key",
          "proxy.username",
          "proxy.password");

  @Override
  public void initialize(URI uri, Configuration original) throws IOException {
    Configuration conf;
    try {
      conf = forClient(ClientScheme.encodedName(uri.getScheme()), original);
    } catch (IllegalArgumentException wrong) {
      throw new IOException(uri + ": " + wrong.getMessage(), wrong);
    }
    super.initialize(uri, conf);
  }

  static Configuration forClient(String client, Configuration original) throws IOException {
    String prefix = prefix(client);
    Map<String, String> options = options(client, original);
    Configuration conf = new Configuration(original);
    List<String> perBucket = new ArrayList<>();
    for (Map.Entry<String, String> entry : conf) {
      if (entry.getKey().startsWith("fs.s3a.bucket.")) {
        perBucket.add(entry.getKey());
      }
    }
    perBucket.forEach(conf::unset);
    readStores(prefix, original, options);
    // A credential store wins over plain keys, so one that is meant for others must not be asked.
    conf.unset(HADOOP_STORES);
    conf.unset("fs.s3a." + STORES);
    options.forEach((name, value) -> conf.set("fs.s3a." + name, value, "client " + client));
    return conf;
  }

  private static String prefix(String client) {
    return "fs.s3r.client." + client + ".";
  }

  /**
   * A client's options by their names in S3A.
   *
   * @param client its encoded name
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
