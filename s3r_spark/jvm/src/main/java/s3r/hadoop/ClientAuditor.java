package s3r.hadoop;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.s3a.audit.AuditSpanS3A;
import org.apache.hadoop.fs.s3a.audit.impl.LoggingAuditor;

/**
 * S3A's own auditor, which names the client and the profile too: they stand in the Referer of what
 * is sent, and so in the store's access log ({@code …&client=minio&profile=team2}).
 */
public final class ClientAuditor extends LoggingAuditor {
  private StorePlaces places;

  @Override
  protected void serviceInit(Configuration conf) throws Exception {
    places = new StorePlaces(conf);
    addAttribute("client", places.client);
    super.serviceInit(conf);
  }

  @Override
  public AuditSpanS3A createSpan(String operation, String path1, String path2) {
    AuditSpanS3A span = super.createSpan(operation, path1, path2);
    String profile = path1 == null ? null : places.profile(key(path1));
    if (profile != null) {
      span.set("profile", profile);
    }
    return span;
  }

  /** The key of a path, or of what is one already. */
  private static String key(String path) {
    int end = path.indexOf("://");
    int slash = end < 0 ? -1 : path.indexOf('/', end + 3);
    String key = end < 0 ? path : slash < 0 ? "" : path.substring(slash);
    return key.startsWith("/") ? key.substring(1) : key;
  }
}
