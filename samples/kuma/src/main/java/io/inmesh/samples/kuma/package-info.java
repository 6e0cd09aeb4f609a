/** Two Java services in a mesh of Kuma's, with an unmodified kuma-cp or with one that plays what it recorded. */
@NullMarked
package io.inmesh.samples.kuma;

import org.jspecify.annotations.NullMarked;
