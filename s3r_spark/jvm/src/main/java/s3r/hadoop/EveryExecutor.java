package s3r.hadoop;

import static java.lang.invoke.MethodType.methodType;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.Writable;
import org.apache.hadoop.mapreduce.InputFormat;
import org.apache.hadoop.mapreduce.InputSplit;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.RecordReader;
import org.apache.hadoop.mapreduce.TaskAttemptContext;

/**
 * What a function gives on every executor, as the input of a job: so Spark itself carries the
 * session's configuration there, as it does for files. Keys are the executors' names; the first
 * value of each is empty.
 */
public final class EveryExecutor extends InputFormat<String, String> {
  /** Where tasks are to run, as Spark names executors: {@code executor_<host>_<name>}. */
  private static final String WHERE = "fs.s3r.every.executors";

  /** The function's class. */
  private static final String FUNCTION = "fs.s3r.every.function";

  @Override
  public List<InputSplit> getSplits(JobContext job) {
    List<InputSplit> splits = new ArrayList<>();
    for (String where : job.getConfiguration().get(WHERE, "").split(",", -1)) {
      splits.add(new Split(where));
    }
    return splits;
  }

  @Override
  public RecordReader<String, String> createRecordReader(
      InputSplit split, TaskAttemptContext context) {
    return new Reader();
  }

  /** Something for one executor to do. */
  public static final class Split extends InputSplit implements Writable {
    private String where = "";

    /** As Hadoop makes it. */
    public Split() {}

    Split(String where) {
      this.where = where;
    }

    /** Spark leaves empty ones out (spark.hadoopRDD.ignoreEmptySplits). */
    @Override
    public long getLength() {
      return 1;
    }

    @Override
    public String[] getLocations() {
      return where.isEmpty() ? new String[0] : new String[] {where};
    }

    @Override
    public void write(DataOutput out) throws IOException {
      out.writeUTF(where);
    }

    @Override
    public void readFields(DataInput in) throws IOException {
      where = in.readUTF();
    }
  }

  private static final class Reader extends RecordReader<String, String> {
    private Iterator<String> values;
    private String executor;
    private String value;

    @Override
    public void initialize(InputSplit split, TaskAttemptContext context) throws IOException {
      Configuration conf = context.getConfiguration();
      executor = executor();
      List<String> found = new ArrayList<>(List.of(""));
      found.addAll(function(conf).apply(conf));
      values = found.iterator();
    }

    @SuppressWarnings("unchecked")
    private static Function<Configuration, List<String>> function(Configuration conf)
        throws IOException {
      try {
        ClassLoader loader = EveryExecutor.class.getClassLoader(); // which has this jar
        Class<? extends Function<?, ?>> type =
            (Class<? extends Function<?, ?>>)
                Class.forName(conf.get(FUNCTION), true, loader).asSubclass(Function.class);
        return (Function<Configuration, List<String>>) type.getConstructor().newInstance();
      } catch (ReflectiveOperationException wrong) {
        throw new IOException(wrong);
      }
    }

    /** Spark's name of this executor; the jar is compiled without Spark. */
    private static String executor() throws IOException {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      try {
        Class<?> environment = Class.forName("org.apache.spark.SparkEnv", true, loader);
        Object here = lookup.findStatic(environment, "get", methodType(environment)).invoke();
        return (String)
            lookup.findVirtual(environment, "executorId", methodType(String.class)).invoke(here);
      } catch (Throwable noSpark) { // which every MethodHandle declares
        throw new IOException("this is no executor of Spark's", noSpark);
      }
    }

    @Override
    public boolean nextKeyValue() {
      value = values.hasNext() ? values.next() : null;
      return value != null;
    }

    @Override
    public String getCurrentKey() {
      return executor;
    }

    @Override
    public String getCurrentValue() {
      return value;
    }

    @Override
    public float getProgress() {
      return 0;
    }

    @Override
    public void close() {}
  }
}
