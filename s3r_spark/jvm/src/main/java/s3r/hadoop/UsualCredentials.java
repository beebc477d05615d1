package s3r.hadoop;

import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * What the SDK's usual chain finds, with AWS files that are read again when one has changed.
 *
 * <p>The SDK's own is one object for the whole JVM, which S3A closes with the first file system
 * that is closed: web identity and roles can't be renewed after that. This is one for each.
 */
public final class UsualCredentials implements AwsCredentialsProvider, SdkAutoCloseable {
  private final DefaultCredentialsProvider provider;

  /** As S3A makes it. */
  public UsualCredentials(URI bucket, Configuration conf) {
    String name = ProfileFileSystemSetting.AWS_PROFILE.getStringValueOrThrow();
    provider =
        DefaultCredentialsProvider.builder()
            .profileFile(CurrentProfiles.ofThisMachine(name))
            .profileName(name)
            .build();
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
