package io.inmesh.xds.decode;

/** Paths of fields as people read them: {@code virtual_hosts[2].routes[0].match}. */
final class Paths {
    private Paths() {}

    static String child(String path, String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    static String element(String path, String field, int index) {
        return child(path, field) + "[" + index + "]";
    }

    static String entry(String path, String field, Object key) {
        return child(path, field) + "[\"" + key + "\"]";
    }
}
