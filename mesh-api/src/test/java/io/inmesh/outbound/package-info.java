/** Calls without I/O: a loop that runs by hand, a transport that does as it is told. */
@org.jspecify.annotations.NullMarked
package io.inmesh.outbound;
