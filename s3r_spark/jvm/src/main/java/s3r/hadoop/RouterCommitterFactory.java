package s3r.hadoop;

import java.io.IOException;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.s3a.commit.CommitConstants;
import org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.output.FileOutputCommitter;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitter;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitterFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Committers for logical paths.
 *
 * <p>Where one store has all that can be written below the output path, it is S3A's own committer
 * on that store, under logical names. Where any other could have some of it, a store's own
 * committer would complete files in the wrong place, and they would be lost: then files are
 * committed by renaming through the router, which puts each where it belongs.
 */
public final class RouterCommitterFactory extends PathOutputCommitterFactory {
  private static final Set<String> STAGING =
      Set.of(CommitConstants.COMMITTER_NAME_DIRECTORY, CommitConstants.COMMITTER_NAME_PARTITIONED);
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
    Name name = router.name(output);
    router.layout().checkChange(name.owner(), name.key(), "a job's output");
    checkProtocol(fs, output, context.getConfiguration());
    Planned planned = Planned.with(output, context.getConfiguration());
    Place place = router.onlyPlace(output);
    if (place != null) {
      StoreFileSystem.allow(place.path().toUri().getScheme(), context.getConfiguration());
      PathOutputCommitter store =
          new S3ACommitterFactory().createOutputCommitter(place.path(), context);
      return store instanceof FileOutputCommitter
          ? new RenamingCommitter(output, context, planned)
          : new RoutedCommitter(store, place, context, planned);
    }
    if (Rename.isRefused(context.getConfiguration())) {
      throw new PathIOException(
          output.toString(),
          "folders below it are on other stores, so that committing copies between them, and "
              + Rename.ACROSS
              + "=refuse");
    }
    checkPromise(router, output, context.getConfiguration());
    LOG.info("{}: folders below it are on other stores, so it is committed by renaming", output);
    return new RenamingCommitter(output, context, planned);
  }

  /**
   * Refuses a committer that says what becomes of files that are there already: renaming adds to
   * them, whatever it says.
   */
  private static void checkPromise(RouterFileSystem router, Path output, Configuration job)
      throws IOException {
    for (FileSystem store : router.storesBelow(output)) {
      Configuration conf = store.getConf();
      String name = asTheJob(job, conf, CommitConstants.FS_S3A_COMMITTER_NAME, "file");
      String mode =
          asTheJob(job, conf, CommitConstants.FS_S3A_COMMITTER_STAGING_CONFLICT_MODE, "fail");
      if (STAGING.contains(name) && !mode.equalsIgnoreCase(CommitConstants.CONFLICT_MODE_APPEND)) {
        throw new PathIOException(
            output.toString(),
            "folders below it are on other stores, where the committer '"
                + name
                + "' can't keep the promise of "
                + CommitConstants.FS_S3A_COMMITTER_STAGING_CONFLICT_MODE
                + "="
                + mode
                + ": set "
                + CommitConstants.FS_S3A_COMMITTER_NAME
                + " to magic, or that mode to append, and overwrite by Spark's own mode");
      }
    }
  }

  private static String asTheJob(Configuration job, Configuration store, String key, String usual) {
    return job.getTrimmed(key, store.getTrimmed(key, usual));
  }

  /**
   * Refuses Spark's PathOutputCommitProtocol where partitions are to be overwritten dynamically. It
   * asks for a committer of the table in place of the staging folder, and takes any
   * FileOutputCommitter for one that will do; the old files would stay beside the new ones.
   */
  private static void checkProtocol(FileSystem fs, Path output, Configuration conf)
      throws IOException {
    String staging = conf.get(FileOutputFormat.OUTDIR);
    if (staging == null || !new Path(staging).getName().startsWith(".spark-staging-")) {
      return;
    }
    if (fs.makeQualified(output).equals(new Path(staging).getParent())) {
      throw new PathIOException(
          output.toString(),
          "PathOutputCommitProtocol can't overwrite partitions dynamically here: leave "
              + "spark.sql.sources.commitProtocolClass to s3r_spark, or set it to "
              + "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol");
    }
  }
}
