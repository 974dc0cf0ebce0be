-- SPDX-License-Identifier: MIT
-- Property names of QEMU's own devices and objects that are spelled with an underscore
-- (device-list-properties and qom-list-properties, QEMU 7.2 to 10.0). Every other `_` in a
-- recipe stands for `-`; where QEMU has both, ["num-queues"] is the way to the other.
local names = [[
  acpi_disable_cmd acpi_enable_cmd adapter_routes_max_batch aer_log_max aer_max_queued
  allow_all_mask_sizes any_layout backend_defaults base_year bit_swap boot_addr boot_tpgt bus_nr
  bus_num bypass_iommu chassis_nr chip_id cmb_size_mb cmd_per_lun cmp_legacy css_dev_path
  ctrl_guest_offloads ctrl_mac_addr ctrl_rx ctrl_rx_extra ctrl_vlan ctrl_vq data_buffer_dep
  data_width dev_id device_id device_rev disable_s3 disable_s4 disable_vnet_hdr discard_granularity
  dma64_win_addr dma_enabled dma_mask dma_win_addr dma_win_size ds_cpl elcr_addr elcr_mask
  enable_tco enforce_bios event_idx ext_clk_freq extra_mac_registers failover_pair_id first_pin_irq
  first_slot format_transport_address fp_start_macaddr fxsr_opt gpe0_blk gpe0_blk_len grab_all
  gsi_base guest_announce guest_csum guest_ecn guest_hwcursor guest_rsc_ext guest_tso4 guest_tso6
  guest_tunnel guest_tunnel_csum guest_ufo has_el2 has_el3 hba_serial host_ecn host_ip host_mtu
  host_port host_tso4 host_tso6 host_tunnel host_tunnel_csum host_ufo i-cache_len indirect_desc
  io_timeout io_win_size iommu_platform iplbext_migration ipmi_version it_shift kvm_asyncpf
  kvm_asyncpf_int kvm_mmu kvm_nopiodelay kvm_poll_control kvm_pv_eoi kvm_pv_unhalt kvm_steal_time
  lahf_lm lbr_fmt logical_block_size lost_tick_policy manf_id manufacturer_id max_cmds max_hostmem
  max_io_size max_ioqpairs max_outputs max_ports max_revision max_sectors max_sge max_unmap_size
  mcfg_size mem64_win_size mem_win_size mfg_id mgr_ns_at_rst migrate_tso_props min_io_size mmio_size
  mode_16bit mount_tag mpu_model mrg_rxbuf msa9_pckmo msix_qsize nb_cpus nc_fifo_depth netboot_fw
  nodeid_msr notify_on_empty nrip_save num_chnls num_events num_i-cache_lines num_irqs
  num_periph_req num_queues numa_node old_msi_addr opt_io_size param_change pause_filter
  perfctr_core perfctr_nb period_filtered_us period_unfiltered_us phy_addr physical_block_size
  pm_io_base port_index port_wwn power_controller_present priv_spec proc_id product_id prog_if
  queue_reset quirk_mode_page_apple_vendor quirk_mode_page_truncated
  quirk_mode_page_vendor_specific_apple quirk_mode_sense_rom_use_dbd ram_size ram_size_mb rd_cap
  rd_q_dep record_size refresh_rate rotation_rate rsc_interval rvv_ma_all_1s rvv_ta_all_1s
  rx_queue_size s4_val sas_address sci_int scsi_version sea_esop2 seg_max_adjust short_root_bus
  slave_addr smart_critical_warning smb_io_base sme_fa64 spec_version sriov_max_vfs
  sriov_max_vi_per_vf sriov_max_vq_per_vf sriov_vi_flexible sriov_vq_flexible sse4_1 sse4_2 subch_id
  subsys_ven svm_lock switch_id sys_id t10_pi tsc_adjust tsc_scale tx_queue_size usb_version
  use_hcalls use_jbod use_msg version_id vext_spec vgamem_mb virtqueue_size vmcb_clean
  vnet_hdr_support vram64_size_mb vram_size vram_size_mb wr_cap wr_q_dep write_errors
  zoned.auto_transition zoned.cross_read zoned.descr_ext_size zoned.max_active zoned.max_open
  zoned.zone_capacity zoned.zone_size
]]

local real = {}
for name in names:gmatch "%S+" do real[name] = true end

return real
