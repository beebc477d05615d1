package s3r.hadoop;

import java.io.IOException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.JobStatus;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.output.FileOutputCommitter;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitter;

/**
 * A store's own committer under logical names, which its errors have and those of the files that
 * are written.
 *
 * <p>It is a FileOutputCommitter only to those who ask: Spark has such a one say where files are to
 * be written, and would have files of any other kind written to where they belong, uncommitted.
 */
final class RoutedCommitter extends FileOutputCommitter {
  private final PathOutputCommitter store;
  private final Place output;
  private final Planned planned;

  RoutedCommitter(
      PathOutputCommitter store, Place output, TaskAttemptContext context, Planned planned)
      throws IOException {
    super(output.logical(), context);
    this.store = store;
    this.output = output;
    this.planned = planned;
  }

  /** The store's, by its logical name; as it is where it isn't below the output. */
  @Override
  public Path getWorkPath() throws IOException {
    Path work = store.getWorkPath();
    if (work == null) {
      return null;
    }
    String below = Routes.folder(Routes.stripped(output.path().toUri().getPath()));
    String path = Routes.stripped(work.toUri().getPath());
    boolean same = output.path().toUri().getScheme().equals(work.toUri().getScheme());
    return same && path.startsWith(below)
        ? new Path(output.logical(), path.substring(below.length()))
        : work;
  }

  @Override
  public void setupJob(JobContext context) throws IOException {
    planned.check(context);
    output.does((fs, path) -> store.setupJob(context));
  }

  @Override
  public void commitJob(JobContext context) throws IOException {
    planned.check(context);
    output.does((fs, path) -> store.commitJob(context));
  }

  @Override
  public void abortJob(JobContext context, JobStatus.State state) throws IOException {
    output.does((fs, path) -> store.abortJob(context, state));
  }

  @Override
  @Deprecated
  public void cleanupJob(JobContext context) throws IOException {
    output.does((fs, path) -> store.cleanupJob(context));
  }

  @Override
  public void setupTask(TaskAttemptContext context) throws IOException {
    planned.check(context);
    output.does((fs, path) -> store.setupTask(context));
  }

  @Override
  public boolean needsTaskCommit(TaskAttemptContext context) throws IOException {
    return output.run((fs, path) -> store.needsTaskCommit(context));
  }

  @Override
  public void commitTask(TaskAttemptContext context) throws IOException {
    planned.check(context);
    output.does((fs, path) -> store.commitTask(context));
  }

  @Override
  public void abortTask(TaskAttemptContext context) throws IOException {
    output.does((fs, path) -> store.abortTask(context));
  }

  @Override
  public boolean isCommitJobRepeatable(JobContext context) throws IOException {
    return store.isCommitJobRepeatable(context);
  }

  @Override
  @Deprecated
  public boolean isRecoverySupported() {
    return store.isRecoverySupported();
  }

  @Override
  public boolean isRecoverySupported(JobContext context) throws IOException {
    return store.isRecoverySupported(context);
  }

  @Override
  public void recoverTask(TaskAttemptContext context) throws IOException {
    output.does((fs, path) -> store.recoverTask(context));
  }

  @Override
  public String toString() {
    return output.logical() + ": " + store;
  }
}
