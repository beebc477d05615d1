package s3r.hadoop;

import java.io.IOException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.output.FileOutputCommitter;

/** Hadoop's committer, which renames through the router, by the routes that the job began with. */
final class RenamingCommitter extends FileOutputCommitter {
  private final Planned planned;

  RenamingCommitter(Path output, TaskAttemptContext context, Planned planned) throws IOException {
    super(output, context);
    this.planned = planned;
  }

  @Override
  public void setupJob(JobContext context) throws IOException {
    planned.check(context);
    super.setupJob(context);
  }

  @Override
  public void commitJob(JobContext context) throws IOException {
    planned.check(context);
    super.commitJob(context);
  }

  @Override
  public void setupTask(TaskAttemptContext context) throws IOException {
    planned.check(context);
    super.setupTask(context);
  }

  @Override
  public void commitTask(TaskAttemptContext context) throws IOException {
    planned.check(context);
    super.commitTask(context);
  }
}
