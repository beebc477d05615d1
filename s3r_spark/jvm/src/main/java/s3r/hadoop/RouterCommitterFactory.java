package s3r.hadoop;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitter;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitterFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Committers for logical paths.
 *
 * <p>Where one store has all that can be written below the output path, it is S3A's own committer
 * on that store. Where any other could have some of it, a store's own committer would complete
 * files in the wrong place, and they would be lost: then files are committed by renaming through
 * the router, which puts each where it belongs.
 */
public final class RouterCommitterFactory extends PathOutputCommitterFactory {
  private static final Logger LOG = LoggerFactory.getLogger(RouterCommitterFactory.class);

  @Override
  public PathOutputCommitter createOutputCommitter(Path output, TaskAttemptContext context)
      throws IOException {
    if (output == null) {
      return createFileOutputCommitter(null, context);
    }
    FileSystem fs = output.getFileSystem(context.getConfiguration());
    if (!(fs instanceof RouterFileSystem router)) {
      return createFileOutputCommitter(output, context);
    }
    Path physical = router.onlyPlace(output);
    if (physical != null) {
      return new S3ACommitterFactory().createOutputCommitter(physical, context);
    }
    if (Rename.isRefused(context.getConfiguration())) {
      throw new PathIOException(
          output.toString(),
          "folders below it are on other stores, so that committing copies between them, and "
              + Rename.ACROSS
              + "=refuse");
    }
    LOG.info("{}: folders below it are on other stores, so it is committed by renaming", output);
    return createFileOutputCommitter(output, context);
  }
}
