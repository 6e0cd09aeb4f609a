/** What control planes make of each field of their own resources, and what becomes of it here. */
@org.jspecify.annotations.NullMarked
package io.inmesh.xds.shapes;
