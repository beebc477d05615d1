import org.apache.spark.sql.SparkSession;

/** Writes to each path and reads it again: for drivers that can't be Python's. */
public class RoundTrip {
  public static void main(String[] paths) {
    var spark = SparkSession.builder().getOrCreate();
    for (var path : paths) {
      spark.range(0, 90, 1, 2).write().parquet(path);
      System.out.println(path + " " + spark.read().parquet(path).count());
    }
    spark.stop();
  }
}
