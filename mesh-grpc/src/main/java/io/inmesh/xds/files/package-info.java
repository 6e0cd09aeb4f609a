/** Configuration in files: YAML or JSON to protobuf messages with errors that name file, line and field, and a source that watches a folder. */
@NullMarked
package io.inmesh.xds.files;

import org.jspecify.annotations.NullMarked;
