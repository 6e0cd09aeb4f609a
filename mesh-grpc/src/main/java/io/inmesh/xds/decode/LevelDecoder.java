package io.inmesh.xds.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.inmesh.model.HeaderMutation;
import io.inmesh.model.LevelRules;
import java.util.List;
import java.util.Map;

/** What table, virtual host, route and weighted cluster say alike. */
final class LevelDecoder {
    private LevelDecoder() {}

    static LevelRules rules(
            List<HeaderValueOption> requestPuts,
            List<String> requestRemoves,
            List<HeaderValueOption> responsePuts,
            List<String> responseRemoves,
            Map<String, Any> filters,
            String path,
            Notes notes) {
        HeaderMutation request = HeaderRulesDecoder.rules(requestPuts, requestRemoves, path, "request");
        HeaderMutation response = HeaderRulesDecoder.rules(responsePuts, responseRemoves, path, "response");
        return request.isEmpty() && response.isEmpty() && filters.isEmpty()
                ? LevelRules.NONE
                : new LevelRules(request, response, FilterDecoder.overrides(filters, path, notes));
    }
}
