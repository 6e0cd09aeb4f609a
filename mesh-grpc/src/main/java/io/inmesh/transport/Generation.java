package io.inmesh.transport;

import io.netty.handler.ssl.SslContext;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;

/**
 * The contexts that one state of the secrets has made, one for each ALPN list. They hold native memory, which is given back when this is released and no
 * connection uses it any more.
 */
final class Generation extends AbstractReferenceCounted {
    private final Map<List<String>, SslContext> contexts = new ConcurrentHashMap<>();
    private final long number;
    private final TlsMaterial material;
    private final Maker maker;

    /** Makes a context of a state of the secrets. */
    interface Maker {
        SslContext make(TlsMaterial material, List<String> alpn) throws SSLException;
    }

    /**
     * Makes the contexts.
     *
     * @param number counts up
     * @param alpn the lists that connections have asked for so far
     */
    Generation(long number, TlsMaterial material, Maker maker, Iterable<List<String>> alpn) throws SSLException {
        this.number = number;
        this.material = material;
        this.maker = maker;
        try {
            for (List<String> each : alpn) {
                context(each);
            }
        } catch (SSLException e) {
            deallocate();
            throw e;
        }
    }

    long number() {
        return number;
    }

    TlsMaterial material() {
        return material;
    }

    /** The ALPN lists that were asked for. */
    Iterable<List<String>> alpn() {
        return contexts.keySet();
    }

    /** The context of a list; made now if the list is new. The caller holds a reference to this meanwhile. */
    SslContext context(List<String> alpn) throws SSLException {
        SslContext context = contexts.get(alpn);
        if (context != null) {
            return context;
        }
        SslContext made = maker.make(material, alpn);
        SslContext raced = contexts.putIfAbsent(List.copyOf(alpn), made);
        if (raced != null) {
            ReferenceCountUtil.release(made);
            return raced;
        }
        return made;
    }

    @Override
    protected void deallocate() {
        contexts.values().forEach(ReferenceCountUtil::release);
        contexts.clear();
    }

    @Override
    public ReferenceCounted touch(Object hint) {
        return this;
    }
}
