package s3r.hadoop;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.contract.AbstractBondedFSContract;

/**
 * The file system that the tests run on.
 *
 * <p>{@code s3r.conf} is a file of settings, with the server in it; {@code s3r.path} the folder of
 * the tests. What S3A promises is in contract.xml.
 */
final class Contract extends AbstractBondedFSContract {
  Contract(Configuration conf) {
    super(conf);
    addConfResource("contract.xml");
    getConf()
        .addResource(
            new org.apache.hadoop.fs.Path(Path.of(System.getProperty("s3r.conf")).toUri()));
  }

  @Override
  public String getScheme() {
    return "s3a";
  }

  @Override
  public org.apache.hadoop.fs.Path getTestPath() {
    return new org.apache.hadoop.fs.Path(System.getProperty("s3r.path"));
  }
}
