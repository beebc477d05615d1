package s3r.hadoop;

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
    Profiles profiles = Profiles.of(conf);
    for (Profile profile : profiles.all()) {
      Rule.of(profile, "bucket");
    }
    for (String client : profiles.clients()) {
      ClientSettings.options(ClientScheme.encoded(client), conf);
    }
  }
}
