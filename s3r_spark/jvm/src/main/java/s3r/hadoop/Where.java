package s3r.hadoop;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.Constants;

/**
 * Where a logical name really is, for people.
 *
 * @param client the client
 * @param endpoint its address
 * @param text what an error says of it, in brackets
 */
record Where(String client, String endpoint, String text) {

  static Where of(Place place) {
    return of(place.rule(), place.logical(), place.path(), endpoint(place.fs().getConf()));
  }

  /**
   * Of a rule whose store is not open.
   *
   * @param conf the session's
   */
  static Where of(Rule rule, Path logical, Configuration conf) {
    String prefix = "fs.s3r.client." + ClientScheme.encoded(rule.client) + ".";
    Path bucket = new Path("s3r", rule.bucket, "/");
    return of(
        rule,
        logical,
        bucket,
        endpoint(conf.getTrimmed(prefix + "endpoint", ""), conf.get(prefix + "endpoint.region")));
  }

  private static Where of(Rule rule, Path logical, Path physical, String endpoint) {
    String really = "s3a://" + physical.toUri().getAuthority() + physical.toUri().getPath();
    StringBuilder text = new StringBuilder("(");
    if (rule.profile != null && !really.equals(logical.toString())) {
      text.append("really ").append(really).append(' ');
    }
    text.append("on ").append(endpoint).append(", client '").append(rule.client).append('\'');
    if (rule.profile != null) {
      text.append(", profile '").append(rule.profile).append('\'');
    }
    return new Where(rule.client, endpoint, text.append(')').toString());
  }

  private static String endpoint(Configuration s3a) {
    return endpoint(s3a.getTrimmed(Constants.ENDPOINT, ""), s3a.get(Constants.AWS_REGION));
  }

  /** AWS's own is the SDK's to find, by the region. */
  private static String endpoint(String said, String region) {
    boolean isAws = said.isEmpty() || said.equals(Constants.CENTRAL_ENDPOINT);
    return isAws && region != null ? "https://s3." + region + ".amazonaws.com" : said;
  }
}
