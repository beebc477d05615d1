package s3r.hadoop;

import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;

/** What a session asks when it starts, so that wrong settings stop it there. */
public final class Startup {
  private Startup() {}

  /**
   * What is missing or wrong of the router's settings; no store is asked.
   *
   * @return null: nothing
   */
  public static String problem(Configuration conf) {
    try {
      check(conf);
      return null;
    } catch (IllegalArgumentException wrong) {
      return wrong.getMessage();
    }
  }

  private static void check(Configuration conf) {
    Rename.isRefused(conf);
    Copies.threads(conf);
    Set<String> clients = new TreeSet<>();
    for (Rule.Profile profile : Routes.profiles(conf)) {
      Rule.of(profile, "bucket");
      clients.add(profile.client());
    }
    if (!Routes.refusesUnmatched(conf)) {
      clients.add(Rule.DEFAULT);
    }
    for (String client : clients) {
      StoreFileSystem.options(ClientScheme.encoded(client), conf);
    }
  }
}
