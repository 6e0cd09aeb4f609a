package io.inmesh.transport;

import static org.assertj.core.api.Assertions.assertThat;

import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DistinguishedNameTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CN=a,O=b,C=DE                           | CN=a,O=b,C=DE
            CN=Eagle\\, L.,O=x                      | CN=Eagle\\, L.,O=x
            CN=\\#1,O=a\\+b                         | CN=\\#1,O=a\\+b
            CN=J\u00fcrgen                           | CN=J\\C3\\BCrgen
            UID=u,DC=example,DC=com                 | UID=u,DC=example,DC=com
            2.5.4.5=42                              | serialNumber=42
            """)
    void text_name_isPrintedAsBoringSslDoes(String name, String expected) {
        assertThat(DistinguishedName.text(Der.read(new X500Principal(name).getEncoded())))
                .isEqualTo(expected);
    }

    @Test
    void text_noName_isEmpty() {
        assertThat(DistinguishedName.text(Der.read(new X500Principal("").getEncoded())))
                .isEmpty();
    }
}
