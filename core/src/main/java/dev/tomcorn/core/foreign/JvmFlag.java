package dev.tomcorn.core.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * A flag of this JVM, in its memory. HotSpot exports tables for debuggers, which describe
 * its own data structures by name: among them the list of all flags, and where each flag
 * has its name and the address of its value. So nothing here depends on the memory layout
 * of a build of HotSpot.
 */
public final class JvmFlag {

	private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

	/**
	 * The structure of a flag.
	 */
	private static final String TYPE = "JVMFlag";

	/**
	 * More flags than any JVM has.
	 */
	private static final long TOO_MANY = 10_000;

	/**
	 * Length of the beginning of a text that is compared first.
	 */
	private static final int BEGINNING = Long.BYTES;

	private final long address;

	private JvmFlag(long address) {
		this.address = address;
	}

	/**
	 * Find flags of this JVM.
	 * @param names their names, each with eight characters at least
	 * @return those that exist, by name; none if this JVM does not describe its flags
	 */
	public static Map<String, JvmFlag> find(Set<String> names) {
		if (!System.getProperty("java.vm.name", "").endsWith("Server VM")) {
			return Map.of();
		}
		try {
			Path library = Path.of(System.getProperty("java.home"), "lib", "server", "libjvm.so");
			return Flags.of(SymbolLookup.libraryLookup(library, Arena.global())).find(names);
		}
		catch (IllegalArgumentException | NoSuchElementException | IllegalCallerException ex) {
			// Another JVM, or native access is denied
			return Map.of();
		}
	}

	/**
	 * Return the value of a flag that is a number of 64 bits ({@code intx}).
	 * @return the value
	 */
	public long number() {
		return word(this.address);
	}

	/**
	 * Set the value of a flag that is a number of 64 bits. The JVM does not check it.
	 * @param value the value
	 */
	public void set(long value) {
		Memory.ALL.set(WORD, this.address, value);
	}

	/**
	 * Return the value of a flag that is on or off ({@code bool}).
	 * @return whether it is on
	 */
	public boolean isOn() {
		return Memory.ALL.get(ValueLayout.JAVA_BYTE, this.address) != 0;
	}

	/**
	 * Return the value of a flag that is a text ({@code ccstr}).
	 * @return the value, empty if it has none
	 */
	public String text() {
		long text = word(this.address);
		return (text != 0) ? text(text) : "";
	}

	private static long word(long address) {
		return Memory.ALL.get(WORD, address);
	}

	private static String text(long address) {
		return Memory.ALL.getString(address, StandardCharsets.US_ASCII);
	}

	/**
	 * Return the beginning of a text as it is in memory. Comparing it takes much less
	 * time than reading the text.
	 */
	private static long beginning(String text) {
		byte[] bytes = new byte[BEGINNING];
		byte[] all = text.getBytes(StandardCharsets.US_ASCII);
		System.arraycopy(all, 0, bytes, 0, Math.min(all.length, BEGINNING));
		return MemorySegment.ofArray(bytes).get(WORD, 0);
	}

	/**
	 * The memory of this JVM, in a class of its own: native access may be denied.
	 */
	private static final class Memory {

		static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

	}

	/**
	 * The list of all flags.
	 *
	 * @param first address of the first flag
	 * @param number how many flags there are
	 * @param size size of a flag in bytes
	 * @param name offset of the pointer to its name
	 * @param value offset of the pointer to its value
	 */
	private record Flags(long first, long number, long size, long name, long value) {

		/**
		 * Read HotSpot's description of the list.
		 * @throws NoSuchElementException if it does not describe it in this way
		 */
		static Flags of(SymbolLookup library) {
			Map<String, Long> fields = new HashMap<>();
			Table structures = new Table(library, "gHotSpotVMStruct");
			long field = structures.offset("FieldName");
			long offset = structures.offset("Offset");
			long address = structures.offset("Address");
			structures.forEach((entry) -> {
				long fixed = word(entry + address);
				fields.put(text(word(entry + field)), (fixed != 0) ? word(fixed) : word(entry + offset));
			});
			Table types = new Table(library, "gHotSpotVMType");
			long size = types.offset("Size");
			types.forEach((entry) -> fields.put("size", word(entry + size)));
			return new Flags(get(fields, "flags"), get(fields, "numFlags"), get(fields, "size"), get(fields, "_name"),
					get(fields, "_addr"));
		}

		private static long get(Map<String, Long> fields, String field) {
			Long value = fields.get(field);
			if (value == null) {
				throw new NoSuchElementException("The JVM does not describe the field " + field);
			}
			return value;
		}

		Map<String, JvmFlag> find(Set<String> names) {
			Set<Long> beginnings = names.stream().map(JvmFlag::beginning).collect(Collectors.toSet());
			Map<String, JvmFlag> found = new HashMap<>();
			for (long i = 0; i < Math.min(this.number, TOO_MANY) && found.size() < names.size(); i++) {
				long flag = this.first + i * this.size;
				long text = word(flag + this.name);
				if (text != 0 && beginnings.contains(word(text)) && names.contains(text(text))) {
					found.put(text(text), new JvmFlag(word(flag + this.value)));
				}
			}
			return found;
		}

	}

	/**
	 * One of the tables that HotSpot exports. Each entry describes a type or a field.
	 *
	 * @param library the library of the JVM
	 * @param prefix prefix of the names that describe the table
	 */
	private record Table(SymbolLookup library, String prefix) {

		long offset(String field) {
			return variable("Entry" + field + "Offset");
		}

		private long variable(String name) {
			return word(this.library.findOrThrow(this.prefix + name).address());
		}

		/**
		 * Call an action with the address of each entry about a flag. The last entry of
		 * the table is empty.
		 */
		void forEach(LongConsumer action) {
			long beginning = beginning(TYPE);
			long type = offset("TypeName");
			long stride = variable("EntryArrayStride");
			for (long entry = variable("s"); word(entry + type) != 0; entry += stride) {
				long name = word(entry + type);
				if (word(name) == beginning && text(name).equals(TYPE)) {
					action.accept(entry);
				}
			}
		}

	}

}
