package s3r.hadoop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FSInputStream;
import org.junit.jupiter.api.Test;

/** Every method of the streams is forwarded to the store's, or left to Java or Hadoop. */
final class StreamsTest {
  /** What is built on others that are forwarded. */
  private static final Map<Class<?>, Set<String>> LEFT =
      Map.of(
          NamedInput.class,
          Set.of(
              "read(byte[])",
              "readAllBytes()",
              "readNBytes(int)",
              "readNBytes(byte[],int,int)",
              "readFully(long,byte[])",
              "skipNBytes(long)",
              "transferTo(OutputStream)",
              "mark(int)",
              "markSupported()",
              "reset()"),
          NamedOutput.class,
          Set.of("write(byte[])"));

  private static Set<String> methods(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(m -> Modifier.isPublic(m.getModifiers()) && !Modifier.isStatic(m.getModifiers()))
        .filter(m -> !m.isBridge() && !m.isSynthetic())
        .map(StreamsTest::signature)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String signature(Method method) {
    return Arrays.stream(method.getParameterTypes())
        .map(Class::getSimpleName)
        .collect(Collectors.joining(",", method.getName() + "(", ")"));
  }

  private static Set<String> missing(Class<?> stream, Class<?> base) {
    Set<Class<?>> types = new HashSet<>(Set.of(base));
    for (Class<?> type = stream;
        type != null && type != Object.class;
        type = type.getSuperclass()) {
      types.addAll(Arrays.asList(type.getInterfaces()));
    }
    types.add(FSInputStream.class.isAssignableFrom(stream) ? FSInputStream.class : base);
    Set<String> out = new TreeSet<>();
    types.forEach(type -> out.addAll(methods(type)));
    out.removeAll(methods(stream));
    out.removeAll(LEFT.get(stream));
    return out;
  }

  @Test
  void everyMethodIsForwarded() {
    assertEquals(Set.of(), missing(NamedInput.class, InputStream.class));
    assertEquals(Set.of(), missing(NamedOutput.class, OutputStream.class));
  }
}
