package io.inmesh.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.exchange.Headers;
import io.inmesh.exchange.RequestHead;
import io.inmesh.exchange.StreamInfo;
import io.inmesh.model.HeaderEdit.AppendAction;
import io.inmesh.model.HeaderFormat;
import io.inmesh.model.HeaderMutationFilter.QueryEdit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows were tried with Envoy 1.40. Those that say so differ on purpose: see {@link QueryEdits}. */
class QueryEditsTest {

    /** An edit is + (append), ? (if absent), ! (overwrite if there), = (overwrite or add) or - (remove), a name, and a value. */
    @ParameterizedTest(name = "{0} with {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/q                    | +b:2 +a:1                     | /q?a=1&b=2",
                "/q?                   | +b:2 +a:1                     | /q?a=1&b=2",
                "/q?a                  | +b:2 +a:1                     | /q?a=&a=1&b=2",
                "/q?a=b=c&&d           | +b:2 +a:1                     | /q?=&a=b=c&a=1&b=2&d=",
                "/q?s=a'b(c)!/:@,;     | +b:2 +a:1                     | /q?a=1&b=2&s=a'b(c)!/:@,;",
                "/q                    | =k:x%20y&z !n:v ?z:1 ?a:new   | /q?a=new&k=x%20y%26z&z=1",
                "/q?k=1&k=2&n=0        | =k:x !n:v ?z:1 ?a:new         | /q?a=new&k=x&n=v&z=1",
                "/q?z=                 | ?z:1                          | /q?z=",
                "/q?k=1                | -k                            | /q",
                "/q?%6b=1              | -k                            | /q",
                "/q?k                  | -k                            | /q",
                "/q                    | -k                            | /q",
                "/q?j=1                | !k:1                          | /q?j=1",
                "/q?k=1&k=2            | !k:3                          | /q?k=3",
                "/q?b=2&a=1            | -nothing                      | /q?a=1&b=2",
                "/q?                   | -nothing                      | /q",
                "/q                    | +n:ä+%                        | /q?n=%C3%A4%2B%25",
                "/q?e=1                | +e:                           | /q?e=1&e=",
                "/q?x=1                | +w:%REQ(:PATH)% +y:2          | /q?w=%2Fq%3Fx%3D1&x=1&y=2",
                // Envoy sends these decoded: a space within the request line, and one parameter that has become two.
                "/q?c=%20&d=%26e=      | +a:1                          | /q?a=1&c=%20&d=%26e=",
                "/q?x=%41%zz%C3%BC     | +a:1                          | /q?a=1&x=%41%zz%C3%BC",
                // Envoy sends the name as it was configured.
                "/q                    | +ü:1                          | /q?%C3%BC=1",
            })
    void apply_edits(String path, String edits, String expected) {
        RequestHead head = new RequestHead("GET", "http", "a", path, new Headers());
        QueryEdits.apply(parse(edits), head, FormatContext.ofRequest(new StreamInfo(), head));
        assertThat(head.path()).isEqualTo(expected);
    }

    private static List<QueryEdit> parse(String edits) {
        List<QueryEdit> parsed = new ArrayList<>();
        for (String edit : edits.split(" ")) {
            String[] nameAndValue = edit.substring(1).split(":", 2);
            String value = nameAndValue.length == 1 ? "" : nameAndValue[1].replace("%20", " ");
            HeaderFormat format = value.startsWith("%REQ") ? HeaderFormat.parse(value) : HeaderFormat.literal(value);
            parsed.add(
                    switch (edit.charAt(0)) {
                        case '+' -> new QueryEdit(nameAndValue[0], format, AppendAction.APPEND_IF_EXISTS_OR_ADD);
                        case '?' -> new QueryEdit(nameAndValue[0], format, AppendAction.ADD_IF_ABSENT);
                        case '!' -> new QueryEdit(nameAndValue[0], format, AppendAction.OVERWRITE_IF_EXISTS);
                        case '=' -> new QueryEdit(nameAndValue[0], format, AppendAction.OVERWRITE_IF_EXISTS_OR_ADD);
                        default -> new QueryEdit(nameAndValue[0], null, AppendAction.APPEND_IF_EXISTS_OR_ADD);
                    });
        }
        return parsed;
    }
}
