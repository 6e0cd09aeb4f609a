@NullMarked
package io.inmesh.xds.files;

import org.jspecify.annotations.NullMarked;
