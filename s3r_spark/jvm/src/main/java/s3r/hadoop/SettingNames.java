package s3r.hadoop;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Collection;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;

/**
 * The names of a configuration's settings.
 *
 * <p>What Hadoop has for all to call copies every setting before it looks, at the cost of a whole
 * {@code new Configuration(conf)}. The settings themselves are for its heirs.
 */
final class SettingNames {
  private static final MethodHandle SETTINGS = settings();

  private SettingNames() {}

  /** What follows a prefix in the names that begin with it. */
  static SortedSet<String> after(String prefix, Configuration conf) {
    SortedSet<String> names = new TreeSet<>();
    for (Object name : all(conf)) {
      if (name instanceof String text && text.startsWith(prefix)) {
        names.add(text.substring(prefix.length()));
      }
    }
    return names;
  }

  private static Collection<?> all(Configuration conf) {
    try {
      return ((Properties) SETTINGS.invokeExact(conf)).keySet();
    } catch (Throwable error) { // which every MethodHandle declares
      throw new IllegalStateException(error);
    }
  }

  private static MethodHandle settings() {
    try {
      return MethodHandles.privateLookupIn(Configuration.class, MethodHandles.lookup())
          .findVirtual(Configuration.class, "getProps", MethodType.methodType(Properties.class));
    } catch (ReflectiveOperationException other) {
      throw new ExceptionInInitializerError(other);
    }
  }
}
