/** Names of CPU features by the word of CPUID they stand in: as /proc/cpuinfo of Linux has them, bit 0 first; "-" is unnamed. */

const words: Record<string, string> = {
  '00000001:ffffffff.edx':
    'fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe',
  '00000001:ffffffff.ecx':
    'pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave osxsave avx f16c rdrand hypervisor',
  '00000007:00000000.ebx':
    'fsgsbase tsc_adjust sgx bmi1 hle avx2 fdp_excptn_only smep bmi2 erms invpcid rtm cqm zero_fcs_fds mpx rdt_a avx512f avx512dq rdseed adx smap avx512ifma - clflushopt clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw avx512vl',
  '00000007:00000000.ecx':
    'prefetchwt1 avx512vbmi umip pku ospke waitpkg avx512_vbmi2 shstk gfni vaes vpclmulqdq avx512_vnni avx512_bitalg tme avx512_vpopcntdq - la57 - - - - - rdpid - bus_lock_detect cldemote - movdiri movdir64b enqcmd sgx_lc pks',
  '00000007:00000000.edx':
    '- - avx512_4vnniw avx512_4fmaps fsrm uintr - - avx512_vp2intersect srbds_ctrl md_clear rtm_always_abort - tsx_force_abort serialize hybrid tsxldtrk - pconfig arch_lbr ibt - amx_bf16 avx512_fp16 amx_tile amx_int8 spec_ctrl intel_stibp flush_l1d arch_capabilities core_capabilities ssbd',
  '00000007:00000001.eax':
    'sha512 sm3 sm4 - avx_vnni avx512_bf16 - cmpccxadd - - fzrm fsrs fsrc - - - - - - - - amx_fp16 hreset avx_ifma - - lam',
  '00000007:00000001.edx': '- - - - avx_vnni_int8 avx_ne_convert - - - - avx_vnni_int16 - - - prefetchi',
  '0000000d:00000001.eax': 'xsaveopt xsavec xgetbv1 xsaves xfd',
  '80000001:ffffffff.edx': '- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow',
  '80000001:ffffffff.ecx':
    'lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp fma4 tce - nodeid_msr - tbm topoext perfctr_core perfctr_nb - bpext ptsc perfctr_llc mwaitx',
  '80000007:ffffffff.edx': '- - - - - - - - constant_tsc',
  '80000008:ffffffff.ebx':
    'clzero - xsaveerptr - rdpru - - - - wbnoinvd - - ibpb - ibrs amd_stibp ibrs_always stibp_always ibrs_fast ibrs_same_mode - - - amd_ppin amd_ssbd virt_ssbd ssb_no - amd_psfd btc_no ibpb_ret',
  '80000021:ffffffff.eax': '- - lfence_rdtsc - - - null_sel_clr_base - autoibrs',
};

/** Nothing a guest could still use after it is gone: topology, speed, "this CPU has no such fault", and bits the guest's own kernel sets. */
const harmless = new Set(
  'apic ht cmp_legacy nodeid_msr topoext erms fsrm fzrm fsrs fsrc constant_tsc lfence_rdtsc null_sel_clr_base stibp_always ibrs_always ibrs_fast ibrs_same_mode ssb_no btc_no prefetchwt1 3dnowprefetch prefetchi cldemote osvw'.split(
    ' ',
  ),
);
/** Bits that say what a CPU lacks, or that mirror a register of the guest: not compared. */
const ignored = new Set(['fdp_excptn_only', 'zero_fcs_fds', 'osxsave', 'ospke', 'hypervisor']);

/** The words of CPUID that hold features, as `LEAF:SUBLEAF.register`. */
export const featureWords: readonly string[] = Object.keys(words);

/** Names of the bits set in such a word; one without a name is told by its place, `80000021:ffffffff.eax:9`. */
export function featuresIn(word: string, value: number): string[] {
  const names = (words[word] ?? '').split(' ');
  const found: string[] = [];
  for (let bit = 0; bit < 32; bit += 1) {
    if ((value & (1 << bit)) === 0) continue;
    const name = names[bit] ?? '-';
    if (ignored.has(name)) continue;
    // CPUs of AMD repeat leaf 1 in 80000001: those are unnamed there, and told once
    if (name !== '-') found.push(name);
    else if (word !== '80000001:ffffffff.edx') found.push(`${word}:${bit}`);
  }
  return found;
}

/** Whether a guest that had this feature can fail without it. */
export const isGrave = (feature: string): boolean => !harmless.has(feature);
