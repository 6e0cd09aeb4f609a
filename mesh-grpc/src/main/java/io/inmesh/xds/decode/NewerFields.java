package io.inmesh.xds.decode;

import com.github.xds.type.matcher.v3.Matcher;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;

/** Fields that Envoy has and the message classes of this build do not, told by their numbers. */
final class NewerFields {
    /** {@code xds.type.matcher.v3.Matcher.OnMatch.keep_matching}, a bool. */
    static final int KEEP_MATCHING = 3;

    private NewerFields() {}

    /** Whether a field that the classes do not know is decoded nevertheless. */
    static boolean isDecoded(Descriptor type, int number) {
        return number == KEEP_MATCHING && type.equals(Matcher.OnMatch.getDescriptor());
    }

    /** The value of a bool. */
    static boolean isSet(Message message, int number) {
        UnknownFieldSet.Field field = message.getUnknownFields().getField(number);
        // The last one on the wire counts.
        int count = field.getVarintList().size();
        return count > 0 && field.getVarintList().get(count - 1) != 0;
    }
}
