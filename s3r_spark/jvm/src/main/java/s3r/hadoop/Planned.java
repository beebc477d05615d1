package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.mapreduce.JobContext;

/**
 * The routes that a job was planned with. Whoever has a part in it, wherever that runs, goes by the
 * same ones or stops before anything is written: else what a task writes in one place would be
 * committed in another, and be lost.
 *
 * <p>They are known by a digest of the profiles and of where the clients' stores are. It has no
 * secrets in it: tasks may have other keys, if they reach the same places.
 *
 * @param output of the job
 * @param id of the routes
 */
record Planned(Path output, String id) {
  private static final String KEY = "fs.s3r.job.routes";
  private static final int DIGITS = 12;

  /**
   * Notes the routes of a job, or makes sure that they are the ones that were noted.
   *
   * @throws PathIOException they are not
   */
  static Planned with(Path output, Configuration conf) throws PathIOException {
    Planned planned = new Planned(output, identity(conf));
    if (conf.get(KEY) == null) {
      conf.set(KEY, planned.id, "the routes that the job was planned with");
    }
    planned.check(conf.get(KEY), planned.id);
    return planned;
  }

  /**
   * Makes sure that a part of the job has the routes that it was planned with.
   *
   * @throws PathIOException it has others
   */
  void check(JobContext part) throws PathIOException {
    check(id, identity(part.getConfiguration()));
  }

  private void check(String before, String now) throws PathIOException {
    if (!before.equals(now)) {
      throw new PathIOException(
          output.toString(),
          String.format(
              "the job was planned with one set of routes (%s) and goes on with another (%s), so "
                  + "that its files would be in two places; nothing more of it is written: run it "
                  + "again",
              before, now));
    }
  }

  /** What tells routes apart. */
  static String identity(Configuration conf) {
    MessageDigest digest = ClientScheme.sha256();
    Profiles profiles = Profiles.of(conf);
    add(digest, profiles.digest());
    for (String client : profiles.clients()) {
      add(digest, client);
      for (String option : new String[] {"endpoint", "endpoint.region"}) {
        add(digest, ClientSettings.option(ClientScheme.encoded(client), option, conf));
      }
    }
    return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
  }

  private static void add(MessageDigest digest, String text) {
    digest.update((text + "\0").getBytes(UTF_8));
  }
}
