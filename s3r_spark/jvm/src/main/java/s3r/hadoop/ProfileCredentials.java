package s3r.hadoop;

import java.net.URI;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The credentials of a profile of the AWS files ({@code fs.s3a.auth.profile.name}), which are read
 * again when a file has changed. S3A's own provider reads them once.
 */
public final class ProfileCredentials implements AwsCredentialsProvider, SdkAutoCloseable {
  private final ProfileCredentialsProvider provider;

  /** As S3A makes it. */
  public ProfileCredentials(URI bucket, Configuration conf) {
    String name = conf.get("fs.s3a.auth.profile.name", "default");
    String file = conf.get("fs.s3a.auth.profile.file", "");
    CurrentProfiles profiles =
        file.isEmpty()
            ? CurrentProfiles.ofThisMachine(name)
            : CurrentProfiles.of(Path.of(file), name);
    provider = ProfileCredentialsProvider.builder().profileName(name).profileFile(profiles).build();
  }

  @Override
  public AwsCredentials resolveCredentials() {
    return provider.resolveCredentials();
  }

  @Override
  public void close() {
    provider.close();
  }
}
