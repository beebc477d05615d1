package s3r.hadoop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FCStatisticsBaseTest;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileContextCreateMkdirBaseTest;
import org.apache.hadoop.fs.FileContextMainOperationsBaseTest;
import org.apache.hadoop.fs.FileContextTestHelper;
import org.apache.hadoop.fs.FileContextURIBase;
import org.apache.hadoop.fs.FileContextUtilBase;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Hadoop's tests of FileContext, all that plain S3A runs, on whatever {@link Contract} is told. A
 * test that is overridden without its annotation is one that S3A leaves out too.
 */
final class ContextTests {
  private ContextTests() {}

  private static FileContext context() throws IOException {
    Contract contract = new Contract(new Configuration());
    return FileContext.getFileContext(
        URI.create(contract.getConf().get("fs.contract.test.fs.s3a")), contract.getConf());
  }

  private static FileContextTestHelper helper() {
    return new FileContextTestHelper(System.getProperty("s3r.path") + "/context");
  }

  static final class CreateMkdirTest extends FileContextCreateMkdirBaseTest {
    @Override
    protected FileContextTestHelper createFileContextHelper() {
      return helper();
    }

    @Override
    @BeforeEach
    public void setUp() throws Exception {
      fc = context();
      super.setUp();
    }
  }

  static final class MainOperationsTest extends FileContextMainOperationsBaseTest {
    @Override
    protected FileContextTestHelper createFileContextHelper() {
      return helper();
    }

    @Override
    @BeforeEach
    public void setUp() throws Exception {
      fc = context();
      super.setUp();
    }

    @Override
    protected boolean listCorruptedBlocksSupported() {
      return false;
    }

    @Override
    public void testCreateFlagAppendExistingFile() {}

    @Override
    public void testCreateFlagCreateAppendExistingFile() {}

    @Override
    public void testBuilderCreateAppendExistingFile() {}

    @Override
    public void testSetVerifyChecksum() {}
  }

  static final class StatisticsTest extends FCStatisticsBaseTest {
    private Path folder;

    @BeforeEach
    void setUp() throws Exception {
      fc = context();
      folder = fileContextTestHelper.getTestRootPath(fc, "test");
      fc.mkdir(folder, FileContext.DEFAULT_PERM, true);
      FileContext.clearStatistics();
    }

    @AfterEach
    void tearDown() throws IOException {
      fc.delete(folder, true);
    }

    @Override
    protected void verifyReadBytes(FileSystem.Statistics statistics) {
      assertEquals(2L * blockSize, statistics.getBytesRead()); // by read, and at a position
    }

    @Override
    protected void verifyWrittenBytes(FileSystem.Statistics statistics) {
      assertEquals(blockSize, statistics.getBytesWritten());
    }

    @Override
    protected URI getFsUri() {
      return fc.getHomeDirectory().toUri();
    }
  }

  static final class UriTest extends FileContextURIBase {
    @Override
    @BeforeEach
    public void setUp() throws Exception {
      fc1 = context();
      fc2 = context();
      super.setUp();
    }

    @Override
    public void testFileStatus() {}
  }

  static final class UtilTest extends FileContextUtilBase {
    @Override
    @BeforeEach
    public void setUp() throws Exception {
      fc = context();
      super.setUp();
    }
  }
}
