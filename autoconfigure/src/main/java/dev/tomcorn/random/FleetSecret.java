package dev.tomcorn.random;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.UUID;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import dev.tomcorn.core.scoreboard.Scoreboard;
import org.jspecify.annotations.Nullable;

/**
 * A secret that only the workers of a fleet know. Each of them derives the same value
 * from it for the same purpose. One value does not reveal another.
 */
public final class FleetSecret {

	private static final String ALGORITHM = "HmacSHA256";

	private final SecretKeySpec key;

	FleetSecret(byte[] secret) {
		this.key = new SecretKeySpec(secret, ALGORITHM);
	}

	/**
	 * Return the secret of a fleet.
	 * @param scoreboard the fleet's scoreboard
	 * @return the secret, or {@code null} if an arbiter of an older version has none
	 */
	public static @Nullable FleetSecret of(Scoreboard scoreboard) {
		byte[] secret = scoreboard.secret();
		return Arrays.equals(secret, new byte[secret.length]) ? null : new FleetSecret(secret);
	}

	/**
	 * Draw 16 bytes for a purpose.
	 */
	byte[] bytes(String purpose) {
		try {
			Mac mac = Mac.getInstance(ALGORITHM);
			mac.init(this.key);
			return Arrays.copyOf(mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8)), 16);
		}
		catch (GeneralSecurityException ex) {
			// Every Java runtime has the algorithm
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Draw a random UUID for a purpose.
	 */
	UUID uuid(String purpose) {
		ByteBuffer bytes = ByteBuffer.wrap(bytes(purpose));
		long most = bytes.getLong();
		long least = bytes.getLong();
		return new UUID(most & ~0xF000L | 0x4000L, least & ~(3L << 62) | 1L << 63);
	}

	/**
	 * Draw a number for a purpose.
	 * @param min the lowest number
	 * @param max the number above the highest
	 */
	long number(String purpose, long min, long max) {
		BigInteger span = BigInteger.valueOf(max).subtract(BigInteger.valueOf(min));
		return new BigInteger(1, bytes(purpose)).mod(span).add(BigInteger.valueOf(min)).longValueExact();
	}

}
