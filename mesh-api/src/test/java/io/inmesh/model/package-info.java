@NullMarked
package io.inmesh.model;

import org.jspecify.annotations.NullMarked;
